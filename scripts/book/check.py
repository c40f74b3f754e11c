"""Checks a built book: every link leads somewhere, and everybody can read it.

    check.py SITE CSS IMAGES

For each page: one heading of the first order and none left out below it, an alternative text for every picture, a name
for every link, button and field, a language, no identifier twice, no fence that was taken for text. For the style sheet: the contrast of text with what is
behind it, by the formula of WCAG 2 (4.5 : 1). For the drawings: a title, a description and a dark form.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAMED = {"a", "button", "label", "summary"}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.problems, self.ids, self.links, self.headings = path, [], set(), [], []
        self.quoting = 0
        self.language, self.open, self.labelled, self.fields, self.article = None, [], set(), [], False
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def complain(self, text):
        self.problems.append(f"{self.path}:{self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if tag == "html":
            self.language = attributes.get("lang")
        if name := attributes.get("id"):
            if name in self.ids:
                self.complain(f"the identifier {name} is there twice")
            self.ids.add(name)
        if tag == "article":
            self.article = True
        self.quoting += tag == "pre"
        if tag == "img" and not attributes.get("alt", "").strip():
            self.complain(f"a picture without an alternative text: {attributes.get('src')}")
        if tag in ("a", "link", "script", "img") and (target := attributes.get("href") or attributes.get("src")):
            self.links.append((self.getpos()[0], target))
        if tag in ("input", "select", "textarea") and attributes.get("type") not in ("hidden", "checkbox"):
            self.fields.append((self.getpos()[0], attributes))
        if tag == "label":
            self.labelled.add(attributes.get("for"))
        if self.article and re.fullmatch("h[1-6]", tag):
            self.headings.append((self.getpos()[0], int(tag[1])))
        if tag in NAMED:
            said = attributes.get("aria-label") or attributes.get("title") or ""
            hidden = attributes.get("aria-hidden") == "true" or "hidden" in attributes
            self.open.append([tag, self.getpos()[0], said, hidden or tag == "label"])
        elif self.open:
            self.open[-1][2] += attributes.get("alt") or attributes.get("aria-label") or ""

    def handle_endtag(self, tag):
        if tag == "article":
            self.article = False
        self.quoting -= tag == "pre"
        if self.open and self.open[-1][0] == tag:
            tag, line, said, is_free = self.open.pop()
            if not said.strip() and not is_free:
                self.problems.append(f"{self.path}:{line}: <{tag}> has no name that could be read aloud")

    def handle_data(self, data):
        if "```" in data and not self.quoting:
            self.complain("a fence that was not understood")
        for entry in self.open:
            entry[2] += data

    def finish(self):
        if not self.language:
            self.problems.append(f"{self.path}: says no language")
        levels = [level for _, level in self.headings]
        if levels.count(1) != 1:
            self.problems.append(f"{self.path}: {levels.count(1)} headings of the first order")
        for (_, before), (line, level) in zip(self.headings, self.headings[1:]):
            if level > before + 1:
                self.problems.append(f"{self.path}:{line}: a heading of order {level} below one of order {before}")
        for line, field in self.fields:
            if not (field.get("aria-label") or field.get("title") or field.get("id") in self.labelled):
                self.problems.append(f"{self.path}:{line}: a field without a label")
        return self.problems


def broken_links(pages, site):
    for path, page in pages.items():
        for line, target in page.links:
            parts = urlsplit(target)
            if parts.scheme in ("http", "https", "mailto", "javascript", "data"):
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if file.is_dir():
                file = file / "index.html"
            if not file.exists():
                yield f"{path}:{line}: {target} leads nowhere"
            elif parts.fragment and file in pages and unquote(parts.fragment) not in pages[file].ids | {"__skip"}:
                yield f"{path}:{line}: {target} names a place that is not on that page"


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def poor_contrast(css):
    for scheme, block in re.findall(r'\[data-md-color-scheme="(\w+)"\] \{(.*?)\}', css.read_text(), re.S):
        colours = dict(re.findall(r"--md-([\w-]+): (#[0-9a-f]{6});", block))
        behind = {
            name: ["code-bg-color"] if name.startswith("code-") else ["default-bg-color"]
            for name in colours if not re.search("bg-color|primary-", name)
        }
        behind |= {"typeset-a-color": ["default-bg-color", "code-bg-color"]}
        behind |= {"primary-bg-color": ["primary-fg-color"], "primary-bg-color--light": ["primary-fg-color"]}
        for name, grounds in behind.items():
            for ground in grounds:
                if (found := contrast(colours[name], colours[ground])) < 4.5:
                    yield f"{css}: in {scheme}, {name} on {ground} has a contrast of {found:.1f}; 4.5 is needed"


def poor_drawings(images):
    for path in sorted(images.glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        for needed, word in (("<title", "title"), ("<desc", "description"), ("prefers-color-scheme", "dark form")):
            if needed not in text:
                yield f"{path}: has no {word}"


def main(site, css, images):
    pages = {path.resolve(): Page(path.resolve()) for path in sorted(site.rglob("*.html")) if path.name != "404.html"}
    problems = [problem for page in pages.values() for problem in page.finish()]
    problems += [*broken_links(pages, site), *poor_contrast(css), *poor_drawings(images)]
    for problem in problems:
        print(problem.replace(f"{Path.cwd()}/", ""), file=sys.stderr)
    if problems:
        return f"{len(problems)} problems"
    print(f"      {len(pages)} pages: links, headings, alternatives, names and contrast are as they should be")


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:4])))
