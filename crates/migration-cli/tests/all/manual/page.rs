//! The blocks of a page of the manual.

/// A part of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'p> {
    /// Words, and blocks that are only shown.
    Prose(&'p str),
    /// A file that the reader writes.
    File { path: &'p str, content: &'p str, whole: &'p str },
    /// A change that the reader makes to a file.
    Change { path: &'p str, hunk: &'p str, whole: &'p str },
    /// Commands, each after `$ `, and what they print.
    Console(&'p str),
}

const FENCE: &str = "```";

/// The parts of a page, from top to bottom; together they are all of it.
pub(super) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some(at) = fence(rest) {
        let (prose, block) = rest.split_at(at);
        if !prose.is_empty() {
            blocks.push(Block::Prose(prose));
        }
        let info_end = block.find('\n').map_or(block.len(), |end| end + 1);
        let body_len = fence(&block[info_end..]).expect("every block ends");
        let content = &block[info_end..info_end + body_len];
        let end = info_end + body_len;
        let end = block[end..].find('\n').map_or(block.len(), |line| end + line + 1);
        let whole = &block[..end];
        let info = block[FENCE.len()..info_end].trim();
        blocks.push(match info.split_once(' ') {
            Some(("diff", path)) => Block::Change { path, hunk: content, whole },
            Some((_, path)) => Block::File { path, content, whole },
            None if info == "console" => Block::Console(content),
            None => Block::Prose(whole),
        });
        rest = &block[end..];
    }
    if !rest.is_empty() {
        blocks.push(Block::Prose(rest));
    }
    blocks
}

/// Where the next line begins that is a fence.
fn fence(text: &str) -> Option<usize> {
    if text.starts_with(FENCE) { Some(0) } else { text.find("\n```").map(|at| at + 1) }
}

/// The commands of a console, in their order.
pub(super) fn commands(console: &str) -> impl Iterator<Item = &str> {
    assert!(console.starts_with("$ "), "a console begins with a command: {console}");
    console.lines().filter_map(|line| line.strip_prefix("$ "))
}

#[test]
fn a_page_is_its_blocks() {
    let page = "# T\n```toml a/b\nx = 1\n```\nwords\n```diff a/b\n-x = 1\n+x = 2\n```\n```console\n$ one\nout\n$ two\n```\nend\n";
    let found = blocks(page);
    let (file, change) = ("```toml a/b\nx = 1\n```\n", "```diff a/b\n-x = 1\n+x = 2\n```\n");
    let expected = [
        Block::Prose("# T\n"),
        Block::File { path: "a/b", content: "x = 1\n", whole: file },
        Block::Prose("words\n"),
        Block::Change { path: "a/b", hunk: "-x = 1\n+x = 2\n", whole: change },
        Block::Console("$ one\nout\n$ two\n"),
        Block::Prose("end\n"),
    ];
    assert_eq!(found, expected);
    assert_eq!(commands("$ one\nout\n$ two\n").collect::<Vec<_>>(), ["one", "two"]);
}
