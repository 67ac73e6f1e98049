"""`otrs-web healthy`: what an engine asks again and again, of what really runs and of what does not."""

from tests.ops.site import Site


def test_a_site_is_healthy_while_it_runs(site: Site) -> None:
    before = site.run("healthy")
    assert (before.returncode, before.stdout) == (1, "")
    assert before.stderr.startswith("Error: The web server does not answer")
    assert site.run("healthy", "--worker").returncode == 1
    site.start()
    assert [site.run("healthy", *option).returncode for option in ((), ("--worker",))] == [0, 0]
    site.stop()
    assert site.run("healthy").returncode == 1
