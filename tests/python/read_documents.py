"""Reads pages as the programs that show them do. Standard input: a list of {name, rst, markdown, built}. Standard
output: for each what docutils and markdown-it find in it, headings and the lines of all cells of all tables, and what they
complain about. Sphinx builds those that are to be built in the directory that is the argument; a warning is an error."""

import io
import json
import pathlib
import sys

from docutils import nodes
from docutils.core import publish_doctree
from markdown_it import MarkdownIt


def flat(text):
    return " ".join(text.split())


def from_rst(text):
    said = io.StringIO()
    settings = {"report_level": 1, "halt_level": 5, "warning_stream": said, "doctitle_xform": False}
    tree = publish_doctree(text, settings_overrides=settings)

    def lines(entry):
        blocks = list(entry.findall(nodes.line)) or list(entry.findall(nodes.paragraph))
        return [flat(block.astext()) for block in blocks]

    tables = [
        [[lines(entry) for entry in row.findall(nodes.entry)] for row in table.findall(nodes.row)]
        for table in tree.findall(nodes.table)
    ]
    headings = [flat(title.astext()) for title in tree.findall(nodes.title)]
    return {"headings": headings, "tables": tables, "said": said.getvalue()}


def from_markdown(text):
    headings, tables, inside = [], [], None
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type in ("heading_open", "th_open", "td_open"):
            inside = token.type
        elif token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and inside:
            lines = [""]
            for child in token.children:
                if child.type == "html_inline" and child.content == "<br>":
                    lines.append("")
                elif child.type in ("text", "code_inline"):
                    lines[-1] += child.content
                elif child.type in ("softbreak", "hardbreak"):
                    lines[-1] += " "
                else:
                    lines[-1] += f"({child.type} is markup)"
            lines = [flat(line) for line in lines]
            if inside == "heading_open":
                headings.append(lines[0])
            else:
                tables[-1][-1].append([line for line in lines if line])
            inside = None
    return {"headings": headings, "tables": tables, "said": ""}


def build(pages, directory):
    from sphinx.cmd.build import main

    source = pathlib.Path(directory)
    (source / "conf.py").write_text("project = 'pages'\nextensions = []\n")
    names = [f"page{at}" for at in range(len(pages))]
    for name, page in zip(names, pages):
        (source / f"{name}.rst").write_text(f"{name}\n{'=' * len(name)}\n\n{page['rst']}", encoding="utf-8")
    entries = "".join(f"   {name}\n" for name in names)
    (source / "index.rst").write_text(f"pages\n=====\n\n.. toctree::\n\n{entries}")
    if main(["-q", "-W", "--keep-going", "-b", "html", str(source), str(source / "out")]) != 0:
        sys.exit("Sphinx complains")


pages = json.load(sys.stdin)
found = [{"rst": from_rst(page["rst"]), "markdown": from_markdown(page["markdown"])} for page in pages]
if len(sys.argv) > 1:
    build([page for page in pages if page["built"]], sys.argv[1])
json.dump(found, sys.stdout)
