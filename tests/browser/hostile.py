"""Texts that try to run, and a look at a page after all that can be opened was opened.

A page to come gets a line in `PAGES`; its own test may do more with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Watched

# Each runs somewhere: in markup, in an attribute, in a template literal, in a script, in a style, in a URL.
PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "\\`+alert(1)+\\`",
    "</script><script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "'-alert(1)-'",
    "--><script>alert(1)</script><!--",
    "</title></style></textarea></noscript><img src=x onerror=alert(1)>",
    "{{constructor.constructor('alert(1)')()}}",
    "<math><mtext></mtext><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "\u2028alert(1)//",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "</option></select><img src=x onerror=alert(1)>",
    '=HYPERLINK("javascript:alert(1)")',
)
# What none of our pages has, and a payload that became markup would leave.
MARKUP = (
    "img[src=x], svg[onload], [onerror], [onload], iframe[srcdoc], a[href^='javascript'], a[href^='data:']"
)
OPEN_ALL = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  for (const one of document.querySelectorAll("[hidden]")) one.hidden = false;
}"""


@dataclass(frozen=True)
class HostilePage:
    """A page to look at: what to press on it, what tells that it is whole, which refusals belong to it."""

    address: str
    ready: str = "main"
    fragment: str = ""
    press: str = ""
    refused: tuple[int, ...] = ()


# Pages over the hostile snapshot that anybody may open.
PAGES = (
    HostilePage("/maps/coverage", "html[data-ready]"),
    HostilePage("/maps/coverage", "#point table", "#point=21.33/105.33"),
    HostilePage("/sign-in"),
    HostilePage("/maps/commune/07894", "html[data-ready]"),
    HostilePage("/maps/gaps", "html[data-ready]"),
    HostilePage("/maps/places", "html[data-ready]"),
    HostilePage("/maps/compare"),
    HostilePage("/downloads", "#files table", press="#files button", refused=(503,)),
    HostilePage("/method"),
    HostilePage("/maps/commune/99999", refused=(404,)),
)
# Addresses whose parameters come back in an answer: an error, a form, a link; `{}` is the payload.
REFLECTED = (
    "/figures?{}=1",
    "/figures?date={}",
    "/figures?snapshot={}",
    "/communes?technology={}",
    "/communes/{}/coverage",
    "/maps/coverage?snapshot={}",
    "/maps/coverage?lang={}",
    "/maps/coverage?{}",
    "/maps/coverage#{}",
    "/maps/coverage#point={}&compare=operator:{}",
    "/maps/commune/{}",
    "/maps/gaps?commune={}",
    "/maps/gaps#{}",
    "/maps/places?kind={}",
    "/maps/compare?from={}",
    "/downloads?snapshot={}",
    "/method?{}=1",
    "/method#{}",
    "/collections/{}",
    "/collections/communes/items?filter={}",
    "/collections/communes/items/{}",
    "/point?lon={}",
    "/exports/{}/x",
    "/tiles/{}/communes/tilejson.json",
    "/rasters/{}.png?profile=x",
    "/static/x/{}",
    "/sign-in?lang={}",
    "/{}",
)


def markup_in(page: Page) -> list[str]:
    """What of a payload became markup, after all that a page hides was opened."""
    page.evaluate(OPEN_ALL)
    found = page.evaluate(f"() => [...document.querySelectorAll(`{MARKUP}`)].map((one) => one.outerHTML)")
    return [str(one) for one in found]


def assert_harmless(watched: Watched) -> None:
    """Nothing ran, nothing became markup, nothing was asked of elsewhere."""
    assert markup_in(watched.page) == []
    assert watched.dialogs == []
    assert watched.outside() == []
