//! `replay`: recordings, bad lines, and a live socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::thread;

use tempfile::TempDir;

use super::run::{Run, file, root, xtask};

fn table() -> String {
    root().join("tests/tables/qemu-10.0.yaml").display().to_string()
}

fn recording() -> String {
    root().join("tests/data/traces/precopy-tcp-success.jsonl").display().to_string()
}

#[test]
fn a_run_is_status_0() {
    let run = xtask(&["replay", "--table", &table(), &recording()]).ended_silently(0);
    run.stdout_has("precopy-tcp-success.jsonl: a run of `");
}

#[test]
fn what_is_not_explained_is_said_with_its_line_and_is_status_1() {
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    let is_device = |line: &&str| !line.contains("\"status\": \"device\"");
    let damaged: String = text.lines().filter(is_device).map(|line| format!("{line}\n")).collect();
    let number = damaged.lines().position(|line| line.contains("\"completed\"")).expect("it completes") + 1;
    let (_directory, path) = file("damaged.jsonl", &damaged);
    let run = xtask(&["replay", "--table", &table(), &path]).ended(1);
    let first = format!(
        "{path}:{number}: event `MIGRATION` with status `completed` of `source0` is not explained: \
         no run publishes `completed` here\n"
    );
    assert!(run.stdout.starts_with(&first), "{}", run.stdout);
    run.stdout_has("  `source` may be in `active` (shows `active`)\n");
    run.stdout_has("  the next status could be `device` or `failed`\n");
}

#[test]
fn bad_lines_are_named_and_are_status_2() {
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    let (first, rest) = text.split_once('\n').expect("there are several lines");
    let (_directory, path) = file("cut.jsonl", &format!("{}\n{rest}", &first[..first.len() - 5]));
    let run = xtask(&["replay", "--table", &table(), &path]).ended(2);
    assert!(run.stderr.starts_with(&format!("{path}:1: no JSON object: it has no end\n")), "{}", run.stderr);
    xtask(&["replay", "--table", &table(), "/nowhere/at/all"]).ended_without_result(2);
    let run = xtask(&["replay", "--table", &table(), "--assume", "sent", &recording()]).ended(2);
    run.stderr_has("`sent` is no rare event");
}

/// Whoever recorded it was stopped; what is there is judged.
#[test]
fn a_recording_that_is_cut_off_is_a_run_as_far_as_it_goes() {
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    let (_directory, path) = file("cut.jsonl", &text[..text.trim_end().len() - 5]);
    let run = xtask(&["replay", "--table", &table(), &path]).ended(0);
    let expected = format!("{path}:{}: the recording ends in the middle of this\n", text.lines().count());
    assert_eq!(run.stderr, expected);
}

/// The screen of `qmp-shell`, which shows events when it is asked for them.
#[test]
fn events_that_come_late_are_judged_by_their_order() {
    let screen = |events: [&str; 3]| {
        let event = |status: &str| format!("{{'event': 'MIGRATION', 'data': {{'status': '{status}'}}}}\n");
        format!(
            "(QEMU) migrate-set-capabilities capabilities=[{{\"capability\":\"events\",\"state\":true}}]\n\
             {{\"return\": {{}}}}\n(QEMU) migrate uri=tcp:127.0.0.1:4444\n{{\"return\": {{}}}}\n\
             (QEMU) migrate_cancel\n{{\"return\": {{}}}}\n\
             (QEMU) query-migrate\n{{\"return\": {{\"status\": \"cancelled\"}}}}\n(QEMU) \n{}",
            events.map(event).concat()
        )
    };
    judge(&screen(["setup", "cancelling", "cancelled"]), &[]).ended_silently(0);
    judge(&screen(["setup", "cancelled", "cancelling"]), &[]).ended(1).stdout_has("no run publishes `cancelled` here");
}

/// Somebody who only looks on sees what others' commands lead to.
#[test]
fn events_without_commands_are_those_of_others() {
    let judge = |statuses: &[&str], more: &[&str]| {
        let event = |status: &&str| format!("{{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}\n");
        let text: String = statuses.iter().map(event).collect();
        judge(&format!("{{\"execute\": \"qmp_capabilities\"}}\n{{\"return\": {{}}}}\n{text}"), more)
    };
    for statuses in [&["setup", "active", "device", "completed", "setup"][..], &["device", "completed"]] {
        judge(statuses, &[]).ended_silently(0);
    }
    for statuses in [&["setup", "device"][..], &["completed", "active"]] {
        judge(statuses, &[]).ended(1);
    }
    let run = judge(&["device", "completed"], &[]);
    run.stdout_has(", of a process that began before it was looked at, or that others command\n");
    let run = judge(&["setup", "active"], &["--others", "--attached"]).ended_silently(0);
    assert!(!run.stdout.contains("others command"), "{}", run.stdout);
}

/// Writes a text to a file and lets `replay` judge it with more arguments.
fn judge(text: &str, more: &[&str]) -> Run {
    let (_directory, path) = file("log", text);
    xtask(&[&["replay", "--table", &table(), &path], more].concat())
}

const EVENTS_ON: &str = "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":[{\"capability\":\"events\",\
                         \"state\":true}]}}\n{\"return\": {}}\n";

/// Where commands and events are written by different threads, the reply may stand before the event that came first.
#[test]
fn events_that_are_written_late_are_allowed_for_or_suggested() {
    let text = format!(
        "{EVENTS_ON}{{\"execute\":\"migrate\",\"arguments\":{{\"uri\":\"tcp:x:1\"}}}}\n{{\"return\": {{}}}}\n\
         {{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"setup\"}}}}\n"
    );
    let run = judge(&text, &[]).ended(1);
    run.stdout_has("status `setup`, which is published before, comes in line 5: with `--late-events`");
    judge(&text, &["--late-events"]).ended(0);
    // What is late is the event itself, where the commands before it may have led elsewhere.
    let run = judge(text.strip_prefix(EVENTS_ON).expect("it begins so"), &[]).ended(1);
    let late = "status `setup` may have been published before what stands above it: with `--late-events`";
    run.stdout_has(late);
    // It is no help against an order that is wrong.
    let wrong = text.replace("setup", "device");
    let run = judge(&wrong, &[]).ended(1);
    assert!(!run.stdout.contains("--late-events"), "{}", run.stdout);
}

/// However many statuses may have been published that are not seen yet: post-copy may be paused and recovered for ever.
#[test]
fn late_events_are_judged_where_the_table_has_loops() {
    let query =
        |status: &str| format!("{{\"execute\": \"query-migrate\"}}\n{{\"return\": {{\"status\": \"{status}\"}}}}\n");
    judge(&(query("active") + &query("cancelled")), &["--late-events"]).ended(0);
    let recordings = ["postcopy-success", "postcopy-pause-recover", "postcopy-preempt-success"];
    for name in recordings {
        let path = root().join(format!("tests/data/traces/{name}.jsonl")).display().to_string();
        xtask(&["replay", "--table", &table(), "--late-events", &path]).ended_silently(0);
        // Events in another order are none.
        let text = std::fs::read_to_string(&path).expect("there is such a recording");
        let is_event = |line: &&str| line.contains("\"MIGRATION\"") && line.contains("destination0");
        let first = text.lines().find(is_event).expect("it has events");
        let last = text.lines().rfind(is_event).expect("it has events");
        let swapped = text.replace(first, "FIRST").replace(last, first).replace("FIRST", last);
        judge(&swapped, &["--late-events"]).ended(1);
    }
}

#[test]
fn what_means_nothing_to_the_table_has_no_verdict() {
    for text in [
        "dear diary\n",
        "{\"execute\": \"qmp_capabilities\"}\n{\"return\": {}}\n",
        "{\"event\": \"JOB_STATUS_CHANGE\", \"data\": {\"status\": \"created\", \"id\": \"j\"}}\n",
    ] {
        judge(text, &[]).ended_without_result(2);
    }
    for (text, number) in [
        ("{\"QMP\": {}}\n", "1 observation in it"),
        ("{\"event\": \"STOP\"}\n{\"event\": \"RESUME\"}\n", "2 observations in it"),
        ("{\"return\": {\"status\": \"active\"}}\n", "1 observation in it"),
    ] {
        let run = judge(text, &[]).ended(2);
        assert!(run.stderr.contains(number) && !run.stderr.contains("nothing"), "{text}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_nothing_else_is_said() {
    for text in ["BZh91AY&SY", "Content-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUgAAAAEA\n"] {
        let run = judge(text, &[]).ended_without_result(2);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    xtask(&["replay", "--table", &table(), "/nowhere/\u{1b}[31mred"]).stderr_has("/nowhere/\\u{1b}[31mred");
}

/// What could have been seen instead is said in the words of a client.
#[test]
fn replies_that_are_possible_are_told_apart() {
    let query = |reply: &str| format!("{EVENTS_ON}{{\"execute\": \"query-migrate\"}}\n{{\"return\": {reply}}}\n");
    // QEMU says nothing of a migration that never began; others say what the table says.
    for reply in ["{}", "{\"status\": \"none\"}"] {
        judge(&query(reply), &[]).ended(0);
    }
    let recover = "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"tcp:x:1\"}}\n\
                   {\"event\": \"MIGRATION\", \"data\": {\"status\": \"bogus\"}}\n";
    let run = judge(&format!("{EVENTS_ON}{recover}"), &["--late-events"]).ended(1);
    run.stdout_has("the reply to `migrate` could be an error or success\n");
    let unanswered = "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"tcp:x:1\"}, \"id\": 1}\n\
                      {\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
                      {\"execute\": \"query-migrate\", \"id\": 2}\n\
                      {\"return\": {\"status\": \"setup\"}, \"id\": 2}\n";
    let run = judge(&format!("{EVENTS_ON}{unanswered}"), &[]).ended(1);
    run.stdout_has("no reply to `migrate` was seen, and a reply comes before those to later commands\n");
}

/// A command about no job in particular is no process of its own.
#[test]
fn a_refusal_of_another_class_than_the_table_gives_is_not_explained() {
    let table = root().join("crates/migration-cli/src/commands/init/states.yaml").display().to_string();
    let refused = |error: &str, status: u8| {
        let text = format!("{{\"execute\": \"backup-cancel\", \"id\": 1}}\n{{\"error\": {{{error}}}, \"id\": 1}}\n");
        let (_directory, path) = file("session.jsonl", &text);
        xtask(&["replay", "--table", &table, &path]).ended(status.into())
    };
    refused("\"class\": \"GenericError\", \"desc\": \"no\"", 0);
    refused("\"desc\": \"no\"", 0);
    let run = refused("\"class\": \"Bogus\", \"desc\": \"no\"", 1);
    run.stdout_has("no run refuses `backup-cancel` with class `Bogus` here");
    run.stdout_has("the reply to `backup-cancel` could be an error of class `GenericError`");
}

#[test]
fn a_status_without_the_reason_that_the_table_gives_is_noted() {
    let table = root().join("crates/migration-verify/tests/tables/service.yaml").display().to_string();
    let stopped = |why: &str| {
        let event = |status: &str| format!("{{\"event\": \"SVC\", \"data\": {{\"status\": \"{status}\"{why}}}}}\n");
        let text = format!(
            "{{\"execute\": \"start\", \"id\": 1}}\n{}{{\"return\": {{}}, \"id\": 1}}\n{{\"execute\": \"stop\", \"id\": 2}}\n{}",
            event("running").replace(why, ""),
            event("stopped")
        );
        let (_directory, path) = file("session.jsonl", &text);
        xtask(&["replay", "--table", &table, &path]).ended(0)
    };
    let run = stopped("");
    run.stderr_has(
        "a reason is missing where the table gives one: `stopped because broken` or `stopped because by-user`",
    );
    let run = stopped(", \"why\": \"by-user\"");
    assert!(!run.stderr.contains("is missing"), "{}", run.stderr);
}

#[test]
fn processes_are_those_of_which_the_table_says_something() {
    let job = "{\"execute\": \"blockdev-del\"}\n{\"return\": {}}\n";
    let event = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}, \"proc\": \"a\"}\n";
    judge(&format!("{job}{event}"), &[]).stdout_has("(3 lines, 3 observations)");
}

/// One guest that is refused does not hide the others.
#[test]
fn guests_in_one_log_are_told_apart() {
    let event = |mon: &str, micros: u32, status: &str| {
        format!(
            "2024-07-11 22:10:58.960+0000: 1295: info : qemuMonitorJSONIOProcessLine:205 : QEMU_MONITOR_RECV_EVENT: mon={mon} \
             event={{\"timestamp\": {{\"seconds\": 1720735858, \"microseconds\": {micros}}}, \"event\": \"MIGRATION\", \
             \"data\": {{\"status\": \"{status}\"}}}}\n"
        )
    };
    let good =
        event("0x1", 1, "setup") + &event("0x2", 1, "setup") + &event("0x1", 2, "active") + &event("0x2", 3, "active");
    judge(&good, &[]).ended(0).stdout_has("4 observations, 2 processes");
    let bad = good + &event("0x1", 4, "setup") + &event("0x2", 5, "pre-switchover") + &event("0x2", 6, "setup");
    let run = judge(&bad, &[]).ended(1);
    for line in [
        "log:5: event `MIGRATION` with status `setup` of `mon=0x1`",
        "log:7: event `MIGRATION` with status `setup` of `mon=0x2`",
    ] {
        run.stdout_has(line);
    }
    judge(&bad, &["--only", "mon=0x3"]).ended(2).stderr_has("it is about `mon=0x1`, `mon=0x2`");
    let run = judge(&bad, &["--only", "mon=0x2"]);
    assert!(!run.stdout.contains("mon=0x1"), "{}", run.stdout);
}

#[test]
fn nothing_that_is_read_is_printed_raw() {
    let text = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"\\u001b[2J\"}, \"proc\": \"\\u001b[31mred\"}\n\
                {\"execute\": \"migrate\"}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"\\u0007\\u202e\"}}\n";
    let run = judge(text, &[]);
    for shown in [run.stdout, run.stderr] {
        assert!(!shown.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{shown:?}");
    }
}

#[test]
fn rows_that_recordings_take_are_listed_and_those_that_none_takes() {
    let run = xtask(&["replay", "--table", &table(), "--coverage", &recording()]).ended(0);
    run.stdout_has(" rows of `source` are taken\n");
    run.stdout_has("-> active when prepared and not unplug_pending: in 1 of 1");
    let (_, none) = run.stdout.split_once("none takes:\n").expect("one recording does not take all");
    assert!(none.contains("postcopy"), "{none}");
}

#[test]
fn formats_are_listed_with_samples_that_are_read() {
    let run = xtask(&["replay", "--formats"]).ended(0);
    for name in ["libvirt log", "virsh qemu-monitor-event", "trace of QEMU", "human monitor", "quoted mail"] {
        run.stdout_has(&format!("{name}: "));
    }
}

/// A client that polls for hours.
#[test]
fn a_long_recording_takes_seconds() {
    let poll = "{\"execute\": \"query-migrate\"}\n{\"return\": {\"status\": \"active\"}}\n";
    let begin = "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"tcp:x:1\"}}\n\
                 {\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n{\"return\": {}}\n\
                 {\"event\": \"MIGRATION\", \"data\": {\"status\": \"active\"}}\n";
    let text = format!("{EVENTS_ON}{begin}{}", poll.repeat(200_000));
    for more in [&[][..], &["--attached", "--others"]] {
        let began = std::time::Instant::now();
        judge(&text, more).ended(0);
        // Minutes were usual; a machine that has other work to do may need a few times the two seconds.
        assert!(began.elapsed().as_secs() < 60, "{more:?}: {:?}", began.elapsed());
    }
}

/// What one guest did is not worked out again for the next.
#[test]
fn thousands_of_guests_take_seconds() {
    let line = |status: &str, guest: usize| {
        format!(
            "QEMU_MONITOR_RECV_EVENT: mon=0x7f{guest} event={{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}\n"
        )
    };
    let statuses = ["setup", "active", "device", "completed"];
    let text: String = statuses.iter().flat_map(|status| (0..2_000).map(|guest| line(status, guest))).collect();
    let began = std::time::Instant::now();
    judge(&text, &[]).ended(0);
    // It took more than a minute.
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn a_live_process_is_followed() {
    let run = follow(3, &["device", "completed", "setup"]).ended(0);
    assert!(run.stdout.ends_with("is gone; all that it did is explained\n"), "{}", run.stdout);
    follow(3, &["device", "active"]).ended(1).stdout_has("no run publishes `active` here\n");
    // Nothing can be judged of a process that never says where it is.
    let run = follow(1, &["device", "bogus"]).ended(2);
    run.stderr_has("never answered `query-migrate`: nothing that it did was judged");
}

/// Follows a process that answers so many commands, the last with `active`, and then publishes these statuses.
fn follow(answers: usize, statuses: &'static [&'static str]) -> Run {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("qmp");
    let listener = UnixListener::bind(&path).expect("the directory can be written to");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        let mut commands = BufReader::new(stream.try_clone().expect("a socket can be cloned")).lines();
        let mut say = |line: &str| writeln!(stream, "{line}");
        say("{\"QMP\": {}}").expect("the greeting is read");
        let replies = ["{}", "[{\"capability\": \"events\", \"state\": true}]", "{\"status\": \"active\"}"];
        for (number, reply) in replies.iter().enumerate() {
            let command = commands.next().expect("a command comes").expect("it is read");
            let command: serde_json::Value = serde_json::from_str(&command).expect("it is JSON");
            if number >= answers {
                continue;
            }
            say(&format!("{{\"return\": {reply}, \"id\": {}}}", command["id"])).expect("the reply is read");
        }
        // The follower may hang up as soon as something is not explained.
        for status in statuses {
            let _ = say(&format!("{{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}"));
        }
    });
    let run = xtask(&["replay", "--table", &table(), "--follow", &path.display().to_string()]);
    server.join().expect("the server does not panic");
    run
}

#[test]
fn a_second_failure_needs_further_channels() {
    let event = |second: u32, status: &str| {
        format!(
            "{{\"timestamp\":{{\"seconds\":{second},\"microseconds\":0}},\"event\":\"MIGRATION\",\"data\":{{\"status\":\"{status}\"}}}}\n"
        )
    };
    for (multifd, status) in [(true, 0), (false, 1)] {
        let set = format!(
            "{{\"execute\":\"migrate-set-capabilities\",\"arguments\":{{\"capabilities\":[{{\"capability\":\"multifd\",\"state\":{multifd}}}]}}}}\n"
        );
        let begun = set + "{\"return\":{}}\n{\"execute\":\"migrate\"}\n" + &event(1, "setup") + "{\"return\":{}}\n";
        let text = begun + &event(2, "active") + &event(3, "failed") + &event(4, "failed");
        let (_directory, path) = file("twice.jsonl", &text);
        for release in ["9.0", "9.1", "10.0", "10.2"] {
            let table = format!("tests/tables/qemu-{release}.yaml");
            xtask(&["replay", &path, "--table", &table, "--assume", "failed_again"]).ended(status);
            // Of what would explain it, a reader is told.
            let run = xtask(&["replay", &path, "--table", &table]).ended(1);
            let hint = "with `--assume failed_again`, a rare event of the table, it is a run";
            assert_eq!(run.stdout.contains(hint), multifd, "{}", run.stdout);
        }
    }
}
