"""Release notes as HTML. They come from outside, so nothing of them may act or be fetched: markup in them is
shown as text, pictures are their words, and links lead to ordinary addresses alone. Headings become bold
paragraphs, since the page that the notes stand on has headings of its own."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

#: longer ones are cut off; the time that brackets without an end take grows with the square of their number
LONGEST = 20_000
_REL = "noopener noreferrer nofollow"


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escapeHtml(self.renderInlineAsText(tokens[idx].children or [], options, env))

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        tokens[idx].attrSet("rel", _REL)
        return self.renderToken(tokens, idx, options, env)

    def th_open(self, *_args: object) -> str:
        return "<th>"  # without the column's alignment, which would be an inline style

    def td_open(self, *_args: object) -> str:
        return "<td>"

    def heading_open(self, *_args: object) -> str:
        return "<p><strong>"

    def heading_close(self, *_args: object) -> str:
        return "</strong></p>\n"


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether a link may be one: with a host, so that none points into our own pages."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and bool(parts.hostname)


_markdown = _Markdown("commonmark", {"html": False}, renderer_cls=_Renderer)
_markdown.enable(["table", "strikethrough"])


@lru_cache(maxsize=8)
def rendered(notes: str) -> Markup:
    """The notes, safe to stand on a page."""
    return Markup(_markdown.render(notes[:LONGEST]))  # noqa: S704 - raw HTML is switched off
