"""`otrs-web healthy`: what an engine asks again and again, of what really runs and of what does not."""

from tests.ops.site import Site, wait_until


def test_a_site_is_healthy_while_it_runs(site: Site) -> None:
    before = site.run("healthy")
    assert (before.returncode, before.stdout) == (1, "")
    assert before.stderr.startswith("Error: The web server does not answer")
    assert site.run("healthy", "--worker").returncode == 1
    site.start()
    assert site.run("healthy").returncode == 0
    wait_until(lambda: site.run("healthy", "--worker").returncode == 0)  # once it has told for the first time
    site.stop()
    assert site.run("healthy").returncode == 1
