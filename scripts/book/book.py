"""Turns the workbook's Markdown, which is written to be read as it is, into what mkdocs understands.

Three things differ: the file name after a fence (```swift file=…) becomes the block's title, Markdown inside <details>
is rendered, and an exercise's front matter becomes a line below its title.
"""

import re
from pathlib import Path

FENCE = re.compile(r"^(?P<indent>\s*)(?P<marks>`{3,})(?P<info>[^`]*)$")
FILE = re.compile(r"\bfile=(?P<path>\S+)")


def on_config(config):
    pages = Path(config.docs_dir)
    chapters = sorted(p.name for p in (pages / "chapters").glob("[0-9]*.md"))
    nav = [{"Begin here": "README.md"}]
    if (pages / "chapters/preface.md").exists():
        nav.append("chapters/preface.md")
    nav += [f"chapters/{name}" for name in chapters]
    nav.append({"Exercises": ["exercises/README.md"] + [exercises(pages, name) for name in chapters]})
    nav += [f"chapters/{name}" for name in ("glossary.md", "instructors.md") if (pages / "chapters" / name).exists()]
    nav += [name for name in ("CONTRIBUTING.md", "AGENTS.md") if (pages / name).exists()]
    config.nav = nav
    return config


def exercises(pages, chapter):
    """The exercises of a chapter's text, under the chapter's title."""
    folder = Path(chapter).stem
    title = (pages / "chapters" / chapter).read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ")
    found = sorted(p.relative_to(pages).as_posix() for p in (pages / "exercises" / folder).glob("*.md"))
    return {title: found or [f"chapters/{chapter}"]}


def on_page_read_source(page, config):
    text = Path(page.file.abs_src_path).read_text(encoding="utf-8")
    matter, text = split(text)
    if "exercise" in matter:
        title, rest = text.lstrip().split("\n", 1)
        text = f"{title}\n\n{facts(matter, chapter=Path(page.file.src_uri).parent.name)}\n{rest}"
    return "\n".join(translated(text.split("\n")))


def split(text):
    """Front matter is `name: value` lines, and lists that no page shows. Values are no YAML: they may hold a colon."""
    if not text.startswith("---\n"):
        return {}, text
    matter, _, text = text[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in matter.split("\n") if not line.startswith((" ", "-")))
    return {name: value.strip() for name, _, value in pairs}, text


def facts(matter, chapter):
    stars = int(matter.get("stars", 0))
    kind = {"rebuild": "to rebuild", "extend": "to extend"}.get(matter.get("kind"), "")
    parts = [
        f'<span role="img" aria-label="{stars} of 3 stars">{"★" * stars}{"☆" * max(0, 3 - stars)}</span>',
        f"{matter.get('minutes', '?')} minutes",
        kind,
        f"teaches {matter['teaches']}" if "teaches" in matter else "",
    ]
    where = f"<br>[Chapter {matter['exercise'].split('.')[0]}](../../chapters/{chapter}.md)"
    where += f", in `{matter['file']}`" if "file" in matter else ""
    return " · ".join(part for part in parts if part) + where + "\n{ .facts }\n"


def translated(lines):
    fence = None
    for line in lines:
        mark = FENCE.match(line)
        if fence is None and mark:
            fence = mark["marks"]
            yield opened(mark)
        elif fence is not None:
            if mark and len(mark["marks"]) >= len(fence) and not mark["info"].strip():
                fence = None
            yield line
        else:
            line = line.replace("<details>", '<details markdown="1">')
            yield line.replace("<summary>", '<summary markdown="span">')


def opened(mark):
    """The first line of a fence, with the file's name as a title. What else stands there is for other tools."""
    info = mark["info"]
    language = (info.split() or [""])[0]
    path = FILE.search(info)
    title = f' title="{path["path"]}"' if path else ""
    return f'{mark["indent"]}{mark["marks"]}{language}{title}'
