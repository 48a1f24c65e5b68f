//! Whatever tools do to a text on its way: quotes, wraps, colours, prefixes, cuts, and bytes that nobody expects.

use base64::Engine as _;
use migration_replay::log::Log;
use proptest::prelude::*;

use super::formats::{events, read};

const SESSION: &str = "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"tcp:x:1\"}, \"id\": 1}\n\
    {\"timestamp\": {\"seconds\": 1, \"microseconds\": 1}, \"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
    {\"return\": {}, \"id\": 1}\n\
    {\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"MIGRATION\", \"data\": {\"status\": \"active\"}}\n";

const SEEN: [&str; 4] = [
    ": command `migrate`",
    ": event `MIGRATION` with status `setup`",
    ": success of `migrate`",
    ": event `MIGRATION` with status `active`",
];

/// The session with every line changed.
fn each_line(change: impl Fn(&str) -> String) -> String {
    SESSION.lines().map(|line| change(line) + "\n").collect()
}

#[test]
fn what_is_put_around_lines_changes_nothing() {
    type Change = fn(&str) -> String;
    let changes: [Change; 20] = [
        |line| format!("> {line}"),
        |line| format!("> > {line}"),
        |line| format!(">>{line}"),
        |line| format!("\u{1b}[32m{line}\u{1b}[0m\r"),
        |line| format!("[2025-06-12T12:00:00Z] EVENT: {line}"),
        |line| format!("Nov  1 12:00:00 host program[77]: {line}"),
        |line| format!("2025-11-01T12:00:00+0100 host program[77]: {line}"),
        |line| format!("2024-04-25T17:00:00.1Z stderr F {line}"),
        |line| format!("DEBUG:qmp.client:{line}"),
        |line| line.replace("\": ", "\":\n> "),
        |line| line.replace('"', "'"),
        |line| line.replace("{\"", "{u'").replace('"', "'"),
        |line| format!("<pre>{}", line.replace('"', "&quot;")),
        |line| line.replace('"', "&#34;"),
        |line| format!("\"2024-03-08 10:47:07\",\"{}\"", line.replace('"', "\"\"")),
        |line| format!("2024 INFO \"{}\"", line.replace('"', "\\\"")),
        |line| format!("recvmsg(12, {{msg_name=NULL, msg_iov=[{{iov_base={line:?}, iov_len=99}}]}}, 0) = 99"),
        |line| line.replace("{\"", "{\u{201c}").replace('"', "\u{201d}"),
        |line| line.replace(": ", ":\u{a0}"),
        |line| line.chars().flat_map(|c| [c, '\0']).collect(),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_eq!(read(&each_line(change)), SEEN, "change {at}");
    }
}

/// Mail wraps at spaces, wherever they are.
#[test]
fn wrapped_and_quoted_lines_are_one() {
    for width in [20, 33, 40, 57, 72] {
        let wrap = |line: &str| {
            let (mut text, mut length) = ("> ".to_owned(), 0);
            for word in line.split(' ') {
                if length + word.len() > width {
                    text.push_str("\n> ");
                    length = 0;
                } else if length > 0 {
                    text.push(' ');
                }
                text.push_str(word);
                length += word.len() + 1;
            }
            text
        };
        assert_eq!(read(&each_line(wrap)), SEEN, "{width}");
        let head = "2022-03-07 10:47:07.326+0000: 134386: info : qemuMonitorJSONIOProcessLine:235 : \
                    QEMU_MONITOR_RECV_EVENT: mon=0x7f event=";
        let text: String = SESSION
            .lines()
            .filter(|line| line.contains("event"))
            .map(|line| wrap(&format!("{head}{line}")) + "\n")
            .collect();
        assert_eq!(read(&text), events("mon=0x7f", &["setup", "active"]), "{width}: {text}");
    }
}

/// A report may have a log of each side, in one text.
#[test]
fn headings_part_the_sides_of_a_report() {
    for (first, second) in [("On src:", "On dst:"), ("## Source", "## Destination"), ("1. src qmp:", "2. dst qmp:")] {
        let seen = |side: &str| SEEN.map(|seen| format!("{side}{seen}"));
        let sides = if first.contains("src") { ["src", "dst"] } else { ["source", "destination"] };
        assert_eq!(read(&format!("{first}\n{SESSION}\n{second}\n\n{SESSION}")), sides.map(seen).concat());
    }
    assert_eq!(read(&format!("The source hangs after this:\n{SESSION}")), SEEN);
}

/// A return alone ends a line, and nothing on the line is lost.
#[test]
fn lines_may_end_in_returns_alone() {
    for text in [
        SESSION.replace('\n', "\r"),
        SESSION.replace('\n', "\r\r\n"),
        SESSION.replace('\n', "\n\r"),
        SESSION.replace('\n', ""),
        each_line(|line| format!("Progress 10%\rProgress 20%\r{line}\rProgress 30%")),
    ] {
        assert_eq!(read(&text), SEEN, "{text:?}");
    }
    let mut log = Log::default();
    log.read(&SESSION.replace('\n', "\r"));
    assert_eq!(log.lines(), 4);
}

/// As a mail is written on its way: lines of 76 characters, `=` at the end of all but the last, and `=3D` for it.
fn quoted_printable(text: &str) -> String {
    let line = |line: &str| {
        let chars: Vec<String> = line.replace('=', "=3D").chars().map(String::from).collect();
        chars.chunks(60).map(<[String]>::concat).collect::<Vec<_>>().join("=\n")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn mail_is_decoded_where_a_header_says_so() {
    let head = "2022-03-07 10:47:07.326+0000: 134386: info : f:235 : QEMU_MONITOR_IO_WRITE: mon=0x7f buf=";
    let text = quoted_printable(&each_line(|line| format!("{head}{line}")));
    let seen = SEEN.map(|seen| format!("mon=0x7f{seen}"));
    let header = "Subject: a log\nContent-transfer-encoding: Quoted-Printable\n\n";
    assert_eq!(read(&format!("{header}{text}")), seen);
    assert_eq!(read(&format!("{header}{text}").replace('\n', "\r\n")), seen);
    let parts = format!(
        "Content-Type: multipart/mixed; boundary=\"b=1\"\n\n--b=1\n{header}hello=20=\n\n--b=1\n\n{}--b=1--\n",
        each_line(|line| format!("{head}{line}"))
    );
    assert_eq!(read(&parts), seen);
    // Without a header a line that ends in a text, or between two values, ends as it would with one.
    assert_eq!(read(&quoted_printable(SESSION)), SEEN);
    assert_eq!(read(&SESSION.replace("\"event\": ", "\"event\": =\n")), SEEN);
}

/// As `base64` writes it, in lines of this many characters.
fn base64(text: &str, width: usize) -> String {
    let chars: Vec<char> = base64::engine::general_purpose::STANDARD.encode(text).chars().collect();
    chars.chunks(width).flat_map(|line| line.iter().chain(&['\n'])).collect()
}

#[test]
fn base64_is_decoded_with_and_without_a_header() {
    for width in [60, 61, 64, 76, usize::MAX] {
        let block = base64(SESSION, width);
        let header = "Subject: a log\nContent-Transfer-Encoding: base64\n\n";
        for text in [
            block.clone(),
            block.trim_end().to_owned(),
            block.replace('=', ""),
            block.replace('\n', "\r\n"),
            format!("The log:\n\n{block}\nBest regards\n"),
            format!("{header}{block}"),
            format!("Content-Type: multipart/mixed; boundary=\"b=1\"\n\n--b=1\n{header}{block}\n--b=1--\n"),
        ] {
            assert_eq!(read(&text), SEEN, "{width}: {text}");
        }
        let split: String = block.split_inclusive('\n').map(|line| format!("  {line}")).collect();
        assert_eq!(read(&format!("data:\n  log: |\n{split}")), SEEN);
    }
    let one = base64(SESSION, usize::MAX);
    for before in ["  libvirtd.log: ", "data:text/plain;base64,"] {
        assert_eq!(read(&format!("{before}{one}")), SEEN);
    }
    // What stands around a block is read as well.
    let (first, rest) = SESSION.split_at(SESSION.find('\n').unwrap() + 1);
    assert_eq!(read(&format!("{first}{}", base64(rest, 76))), SEEN);
    assert_eq!(read(&format!("{}{rest}", base64(first, 64))), SEEN);
}

#[test]
fn base64_without_a_text_is_named() {
    let named = |text: &str| {
        let mut log = Log::default();
        assert!(text.split_inclusive('\n').all(|line| log.read(line).is_empty()));
        let notes: Vec<String> = log.notes().map(|(line, note)| format!("{line}: {note}")).collect();
        notes.join("\n")
    };
    // What looks like a text behind it is none.
    let mail = named("Content-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6\nYWJjYWJj\n");
    assert!(mail.starts_with("3: ") && mail.contains("no text") && mail.lines().count() == 1, "{mail}");
    let file = named("Here it is:\nH4sIAAAAAAAAA6tWSi0oKMpPSVWyUlBKzkjMS1eyqgUAJ8GqzhgAAAA=\n");
    assert!(file.starts_with("2: ") && file.contains("zcat"), "{file}");
    // Digests, names and paths are no blocks.
    for word in [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "usr/lib/modules/kernel/drivers/net/ethernet/intel",
        "qemuMigrationSrcPerformResumeAfterPostcopyFailure",
    ] {
        assert_eq!(named(word), "");
    }
}

/// As `diff -u` writes it, in a report and quoted in an answer.
#[test]
fn of_a_diff_the_new_side_is_read() {
    let lines: Vec<&str> = SESSION.lines().collect();
    let [command, setup, success, active] = lines[..] else { panic!("{lines:?}") };
    let other = active.replace("active", "failed");
    let diff = format!(
        "--- /tests/qemu-iotests/999.out\n+++ /scratch/999.out.bad\n@@ -1,5 +1,5 @@\n {command}\n {setup}\n-{other}\n          {success}\n\n+{active}\n\\ No newline at end of file\nFailures: 999\n"
    );
    assert_eq!(read(&diff), SEEN);
    let quoted: String = diff.lines().map(|line| format!("> {line}\n")).collect();
    assert_eq!(read(&quoted), SEEN);
    let mut log = Log::default();
    diff.split_inclusive('\n').for_each(|line| drop(log.read(line)));
    log.flush();
    assert!(log.notes().any(|(line, note)| line == 3 && note.contains("diff")));
    // What follows is no part of it.
    assert_eq!(read(&format!("@@ -1 +1 @@\n-{other}\n+{command}\n- {setup}\n+ {success}\n {active}\n")), SEEN);
    let inner = diff.replace(setup, &serde_json::json!({ "msg": setup, "pos": "a" }).to_string());
    assert_eq!(read(&inner), SEEN);
}

/// What Python's `pprint` and pretty printers write, with the prefix of a log before each line.
#[test]
fn prefixes_before_each_line_of_an_object_are_taken_off() {
    let text = "2020-01-01 12:00:01.5 DEBUG qmp {'event': 'MIGRATION',\n\
                2020-01-01 12:00:01.6 DEBUG qmp  'data': {'status': 'setup'},\n\
                2020-01-01 12:00:02.0 DEBUG qmp  'timestamp': {'seconds': 1, 'microseconds': 2}}\n";
    assert_eq!(read(text), events("", &["setup"]));
}

/// A record that was cut off in a log says what is left of it; the next one is read.
#[test]
fn records_that_are_cut_off_do_not_swallow_the_next() {
    let head = "2022-03-07 10:47:07.326+0000: 134386: info : f:235 : QEMU_MONITOR_";
    let query = format!("{head}SEND_MSG: mon=0x7f msg={{\"execute\":\"query-migrate\",\"id\":\"libvirt-2\"}}\n");
    let reply =
        format!("{head}RECV_REPLY: mon=0x7f reply={{\"return\": {{\"status\": \"active\", \"total-time\": 48\n");
    let event = format!(
        "{head}RECV_EVENT: mon=0x7f event={{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"device\"}}}}\n"
    );
    let seen = read(&(query + &reply + &event));
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[1], "mon=0x7f: event `MIGRATION` with status `device`");
    let seen = read(
        "{\"event\": \"MIGRATION\", \"data\": {\"sta\n{\"event\": \"MIGRATION\", \"data\": {\"status\": \"device\"}}\n",
    );
    assert_eq!(seen, ["1: no JSON object: it has no end", ": event `MIGRATION` with status `device`"]);
}

#[test]
fn nothing_that_is_read_moves_a_cursor() {
    let text = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"\\u001b[2Jx\\u202e\"}}\n\
                {\"execute\": \"\\u001b]0;title\\u0007\", \"proc\": \"\\u001b[31m\"}\n";
    for seen in read(text) {
        assert!(!seen.contains(|c: char| c.is_control() || c == '\u{202e}'), "{seen:?}");
    }
}

proptest! {
    /// Any text is read without a panic, and what is shown of it is printable.
    #[test]
    fn any_text_is_read(lines in proptest::collection::vec(line(), 0..20)) {
        let mut log = Log::default();
        let mut out: Vec<_> = lines.iter().flat_map(|line| log.read(line)).collect();
        out.extend(log.flush());
        for seen in out.into_iter().flatten() {
            prop_assert!(!seen.words.contains(char::is_control));
            prop_assert!(!seen.process.contains(char::is_control));
        }
    }
}

/// Pieces of real lines, in any order.
fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}".to_owned()),
        Just("2022-03-07 10:47:07.326+0000: 134386: info : f:1 : QEMU_MONITOR_RECV_EVENT: mon=0x7f event=".to_owned()),
        Just("Line [".to_owned()),
        Just("event MIGRATION at 1.5 for domain 'a': ".to_owned()),
        Just("29821@1.5:migrate_set_state new state ".to_owned()),
        Just("qmp_enter_migrate {".to_owned()),
        Just("Migration of domain 0x1 é changed state to ".to_owned()),
        Just("msg=\"{\\\"".to_owned()),
        Just("(qemu) info migrate".to_owned()),
        Just("Migration status: ".to_owned()),
        Just("> ".to_owned()),
        Just("\u{1b}[12D".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// Tests of QEMU compare logs in which a word has been put for each time; events that look alike are several then.
#[test]
fn a_word_for_the_time_is_read() {
    let event = |status: &str| {
        format!(
            "{{\"timestamp\": {{\"seconds\":  TIMESTAMP, \"microseconds\":  TIMESTAMP}}, \"event\": \"MIGRATION\", \
             \"data\": {{\"status\": \"{status}\"}}}}\n"
        )
    };
    let text = event("setup") + &event("active") + &event("active");
    assert_eq!(read(&text), events("", &["setup", "active", "active"]));
}

#[test]
fn wide_characters_are_named() {
    for text in ["\u{fffd}\u{fffd}{\0\"\0e\0x\0e\0", "\u{fffd}\u{fffd}\0{\0\"\0e\0x\0e", "{\0\"\0e\0x\0e\0"] {
        let mut log = Log::default();
        log.read(text);
        assert!(log.notes().any(|(line, note)| line == 1 && note.contains("UTF-16")), "{text:?}");
    }
    let mut log = Log::default();
    log.read("a text with one \0 in it");
    assert_eq!(log.notes().count(), 0);
}
