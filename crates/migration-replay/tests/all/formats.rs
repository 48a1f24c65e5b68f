//! Each format is read: what its sample says, and what public reports of the kind look like.

use migration_replay::log::{Log, formats};

/// What is read of a recording, a line each: the process, and what was seen of it.
pub(super) fn read(text: &str) -> Vec<String> {
    let mut log = Log::default();
    let mut read: Vec<_> = text.split_inclusive('\n').flat_map(|line| log.read(line)).collect();
    read.extend(log.flush());
    let show = |seen: Result<migration_replay::log::Seen, migration_replay::log::BadLine>| match seen {
        Ok(seen) => format!("{}: {}", seen.process, seen.words),
        Err(bad) => format!("{}: {bad}", bad.line),
    };
    read.into_iter().map(show).collect()
}

/// Statuses of events, in the words for them.
pub(super) fn events(process: &str, statuses: &[&str]) -> Vec<String> {
    statuses.iter().map(|status| format!("{process}: event `MIGRATION` with status `{status}`")).collect()
}

#[test]
fn something_is_read_of_every_sample() {
    for format in formats() {
        let mut log = Log::default();
        let read: Vec<_> = format.sample.split_inclusive('\n').flat_map(|line| log.read(line)).collect();
        let is_named = log.notes().count() > 0;
        assert!(!read.is_empty() || is_named, "{}", format.name);
        assert!(read.iter().all(Result::is_ok), "{}: {read:?}", format.name);
        assert!(!format.doc.is_empty(), "{}", format.name);
    }
}

#[test]
fn a_log_of_libvirt_tells_a_command_once_and_an_event_once() {
    let head = "2022-03-07 10:47:07.326+0000: 134386: ";
    let mon = "mon=0x7fa4380028a0";
    let setup =
        r#"{"timestamp": {"seconds": 16, "microseconds": 3}, "event": "MIGRATION", "data": {"status": "setup"}}"#;
    let command = r#"{"execute":"migrate","arguments":{"uri":"fd:migrate"},"id":"libvirt-16"}"#;
    let text = format!(
        "2022-03-07 10:47:07.300+0000: 134391: info : qemuMonitorSend:995 : QEMU_MONITOR_SEND_MSG: {mon} msg={command}\n \
         fd=-1\n\
         {head}info : qemuMonitorIOWrite:452 : QEMU_MONITOR_IO_WRITE: {mon} buf={command}\n len=112 ret=112 errno=0\n\
         {head}debug : qemuMonitorIOProcess:400 : QEMU_MONITOR_IO_PROCESS: {mon} buf={setup}\n len=99\n\
         {head}debug : qemuMonitorJSONIOProcessLine:220 : Line [{setup}]\n\
         {head}info : qemuMonitorJSONIOProcessLine:235 : QEMU_MONITOR_RECV_EVENT: {mon} event={setup}\n\
         {head}debug : qemuProcessHandleMigrationStatus:1518 : Migration of domain 0x7f768c0df0b0 vm1 changed state to setup\n\
         {head}debug : qemuMonitorJSONIOProcessLine:220 : Line [{{\"return\": {{}}, \"id\": \"libvirt-16\"}}]\n\
         {head}info : qemuMonitorJSONIOProcessLine:240 : QEMU_MONITOR_RECV_REPLY: {mon} reply={{\"return\": {{}}, \"id\": \"libvirt-16\"}}\n"
    );
    let expected = [
        "mon=0x7fa4380028a0: command `migrate`",
        "mon=0x7fa4380028a0: event `MIGRATION` with status `setup`",
        "mon=0x7fa4380028a0: success of `migrate`",
    ];
    assert_eq!(read(&text), expected);
    // With nothing but what some level has.
    let without = |word: &str| {
        text.lines().filter(|line| !line.contains(word)).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(read(&without("IO_PROCESS")), expected);
    assert_eq!(read(&without("SEND_MSG")), expected);
    assert_eq!(read(&without("IO_WRITE")), expected);
    assert_eq!(read(&without("Line [")), expected);
    let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
    assert_eq!(read(&quoted), expected);
    let journal: String = text.lines().map(|line| format!("Mar 07 10:47:07 host libvirtd[134386]: {line}\n")).collect();
    assert_eq!(read(&journal), expected);
    let returns: String = text.lines().map(|line| format!("{line}^M\r\n")).collect();
    assert_eq!(read(&returns), expected);
}

#[test]
fn lines_without_a_monitor_are_read_where_there_are_no_others() {
    let line = |status: &str, micros: u32| {
        format!(
            "2020-09-07 19:30:14.201+0000: 65555: debug : qemuMonitorJSONIOProcessLine:220 : Line [{{\"timestamp\": \
             {{\"seconds\": 1599507014, \"microseconds\": {micros}}}, \"event\": \"MIGRATION\", \"data\": {{\"status\": \
             \"{status}\"}}}}]\n"
        )
    };
    assert_eq!(read(&(line("setup", 1) + &line("active", 2))), events("", &["setup", "active"]));
    let told = line("setup", 1).replace("Line [", "QEMU_MONITOR_RECV_EVENT: mon=0x7f event=").replace("]\n", "\n");
    assert_eq!(read(&(line("setup", 1) + &told)), events("mon=0x7f", &["setup"]));
}

#[test]
fn each_monitor_is_a_process_and_a_closed_one_another() {
    let event = |mon: &str, status: &str| {
        format!(
            "QEMU_MONITOR_RECV_EVENT: mon={mon} event={{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}\n"
        )
    };
    let text =
        event("0x1", "setup") + &event("0x2", "setup") + "QEMU_MONITOR_CLOSE: mon=0x1\n" + &event("0x1", "setup");
    let expected = [events("mon=0x1", &["setup"]), events("mon=0x2", &["setup"]), events("mon=0x1 (2)", &["setup"])];
    assert_eq!(read(&text), expected.concat());
}

/// Each guest has a thread of its own, and they write at the same time.
#[test]
fn copies_are_known_whatever_stands_between() {
    let head = |thread: u32| format!("2020-09-07 19:30:14.201+0000: {thread}: debug : f:220 : ");
    let event = |micros: u32| {
        format!(
            "{{\"timestamp\": {{\"seconds\": 15, \"microseconds\": {micros}}}, \"event\": \"MIGRATION\", \"data\": \
             {{\"status\": \"setup\"}}}}"
        )
    };
    let line = |thread: u32, micros: u32| format!("{}Line [{}]\n", head(thread), event(micros));
    let named = |thread: u32, mon: &str, micros: u32| {
        format!("{}QEMU_MONITOR_RECV_EVENT: mon={mon} event={}\n", head(thread), event(micros))
    };
    let expected = [events("mon=0x1", &["setup"]), events("mon=0x2", &["setup"])].concat();
    let threads = line(1, 5) + &line(2, 6) + &named(1, "0x1", 5) + &named(2, "0x2", 6);
    assert_eq!(read(&threads), expected);
    let one_thread = line(1, 5) + &line(1, 6) + &named(1, "0x1", 5) + &named(1, "0x2", 6);
    assert_eq!(read(&one_thread), expected);
    let alone = line(1, 4) + &line(1, 5) + &line(2, 6) + &named(1, "0x1", 5) + &named(2, "0x2", 6);
    assert_eq!(read(&alone), [events("mon=0x1", &["setup", "setup"]), events("mon=0x2", &["setup"])].concat());
}

#[test]
fn the_own_line_of_libvirt_is_read_where_the_event_is_not_told() {
    let line = "2020-09-07 19:30:14.208+0000: 65555: debug : qemuProcessHandleMigrationStatus:1518 : Migration of domain \
                0x7f768c0df0b0 instance-0000003a changed state to active\n";
    assert_eq!(read(line), ["instance-0000003a: change of state to `active`"]);
    // As `journalctl --output json-pretty` writes it.
    let member = line.trim().replacen("2020", "  \"MESSAGE\" : \"2020", 1) + "\",\n";
    assert_eq!(
        read(&format!("{{\n{member}  \"_PID\" : \"7\"\n}}\n")),
        ["instance-0000003a: change of state to `active`"]
    );
    let wrapped = line.replacen("domain 0x7f768c0df0b0 ", "domain\n> 0x7f768c0df0b0 ", 1).replacen("2020", "> 2020", 1);
    assert_eq!(read(&wrapped), ["instance-0000003a: change of state to `active`"]);
}

#[test]
fn messages_in_texts_are_read() {
    let event = r#"{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}"#;
    let recv = format!("QEMU_MONITOR_RECV_EVENT: mon=0x7f event={event}");
    let virt = format!(
        "{{\"component\":\"virt-launcher\",\"level\":\"info\",\"msg\":\"{recv}\",\"thread\":\"80\",\"kind\":\"\"}}\n"
    );
    assert_eq!(read(&virt), events("mon=0x7f", &["setup"]));
    let journal = format!("{{\"__REALTIME_TIMESTAMP\":\"1720735858960014\",\"_PID\":\"7\",\"MESSAGE\":\"{recv}\"}}\n");
    assert_eq!(read(&journal), events("mon=0x7f", &["setup"]));
    // As `jq` and Elasticsearch write them.
    for journal in [&virt, &journal] {
        let one: serde_json::Value = serde_json::from_str(journal).unwrap();
        let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap() + "\n";
        assert_eq!(read(&pretty(&one)), events("mon=0x7f", &["setup"]));
        let hits = serde_json::json!({ "hits": { "hits": [{ "_source": { "message": journal, "lines": [recv] } }] } });
        assert_eq!(read(&pretty(&hits)), read(&(hits.to_string() + "\n")));
    }
    let plain = recv.replace("\\\"", "\"");
    let bytes: Vec<String> = plain.bytes().chain([b'\r']).map(|byte| byte.to_string()).collect();
    let journal = format!("{{\"MESSAGE\":[{}],\"_PID\":\"7\"}}\n", bytes.join(","));
    assert_eq!(read(&journal), events("mon=0x7f", &["setup"]));
    let docker = format!("{{\"log\":\"{event}\\n\",\"stream\":\"stderr\",\"time\":\"2024-04-25T17:00:00.1Z\"}}\n");
    assert_eq!(read(&docker), events("", &["setup"]));
    let kata = format!(
        "time=\"2021-10-05T08:00:00.1+02:00\" level=debug msg=\"{event}\" source=virtcontainers subsystem=qmp\n"
    );
    assert_eq!(read(&kata), events("", &["setup"]));
    let (first, rest) = plain.split_at(40);
    let cri = format!("2024-04-25T17:00:00.1Z stdout P {first}\n2024-04-25T17:00:00.1Z stdout F {rest}\n");
    assert_eq!(read(&cri), events("mon=0x7f", &["setup"]));
}

#[test]
fn objects_that_are_no_messages_are_passed_over_and_counted() {
    let text = "2024-04-25T17:00:00.1Z stdout F {\"component\":\"virt-launcher\",\"kind\":\"Domain\",\"level\":\"info\",\
                \"msg\":\"Domain status: Running\\n\",\"name\":\"vm1\"}\n\
                {\"kind\": \"other\", \"proc\": \"p\", \"name\": \"n\"}\n{\"what\": 1}\nError: {not json}\n\
                {\"level\": \"error\", \"error\": \"a text\"}\n\n";
    let mut log = Log::default();
    assert!(text.lines().all(|line| log.read(line).is_empty()));
    assert_eq!(log.passed_over(), 5);
}

/// A journal may be that of several hosts; what many processes say is logged by one.
#[test]
fn a_journal_tells_hosts_and_processes_apart() {
    let line = |host: &str, program: &str, pid: u32, text: &str| {
        let entry = serde_json::json!({ "_HOSTNAME": host, "_PID": pid.to_string(), "SYSLOG_IDENTIFIER": program, "MESSAGE": text });
        entry.to_string() + "\n"
    };
    let event = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}";
    let recv = format!("QEMU_MONITOR_RECV_EVENT: mon=0x7f event={event}");
    let text = line("a", "qemu", 1, event)
        + &line("a", "qemu", 2, event)
        + &line("b", "qemu", 1, event)
        + &line("a", "libvirtd", 3, &recv)
        + &line("b", "virtqemud", 3, &recv)
        + &line("a", "libvirtd", 3, "Migration of domain 0x1 vm1 changed state to active");
    let processes = ["a qemu[1]", "a qemu[2]", "b qemu[1]", "a mon=0x7f", "b mon=0x7f"];
    let expected = processes.iter().flat_map(|process| events(process, &["setup"]));
    let expected: Vec<String> = expected.chain(["a vm1: change of state to `active`".to_owned()]).collect();
    assert_eq!(read(&text), expected);
}

/// The same address in two containers is that of two guests.
#[test]
fn each_container_has_monitors_of_its_own() {
    let recv = "QEMU_MONITOR_RECV_EVENT: mon=0x7f event={\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}";
    let line = |pod: &str| format!("[pod/{pod}/compute] {}\n", serde_json::json!({ "msg": recv, "thread": "80" }));
    let expected = ["a", "b"].map(|pod| events(&format!("{pod}/compute mon=0x7f"), &["setup"]));
    assert_eq!(read(&(line("a") + &line("b"))), expected.concat());
}

#[test]
fn commands_by_virsh_are_of_their_domains() {
    let ask = |domain: &str, option: &str, reply: &str| {
        format!(
            "[root@host ~]# virsh qemu-monitor-command {domain}{option} '{{\"execute\":\"query-migrate\"}}'\n{reply}\n\n"
        )
    };
    let text = ask("vm1", "", "{\"return\":{\"status\":\"active\"},\"id\":\"libvirt-5\"}")
        + &ask("vm2", " --pretty", "{\n  \"return\": {\n    \"status\": \"setup\"\n  },\n  \"id\": \"libvirt-3\"\n}");
    let expected = [
        "vm1: command `query-migrate`",
        "vm1: reply of `query-migrate` with status `active`",
        "vm2: command `query-migrate`",
        "vm2: reply of `query-migrate` with status `setup`",
    ];
    assert_eq!(read(&text), expected);
}

#[test]
fn what_virsh_prints_is_read() {
    let text = "event MIGRATION at 1698405797.422823 for domain 'vm 1': {\"status\":\"setup\"}\n\
                event STOP at 1698405799.422823 for domain 'vm 1': <null>\n\
                2023-10-27 11:23:17.422+0000: event MIGRATION for domain 'vm 1': {\n  \"status\": \"active\"\n}\n\
                event MIGRATION at 1698405799.7 for domain vm2: {\"status\":\"completed\"}\nevents received: 4\n";
    let expected = [events("vm 1", &["setup", "active"]), events("vm2", &["completed"])];
    assert_eq!(read(text), expected.concat());
}

#[test]
fn traces_are_read() {
    let text = "29821@1709891234.123456:qmp_enter_migrate_set_capabilities {\"capabilities\": []}\n\
                29821@1709891234.2:monitor_qmp_respond mon 0x5578 resp: {\"return\": {}}\n\
                29821@1709891234.3:migrate_set_state new state setup\n\
                29821@1709891234.3:monitor_qmp_respond mon 0x5578 resp: {\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
                29821@1709891234.3:monitor_qmp_respond mon 0x9999 resp: {\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
                29821@1709891234.4:migrate_fd_cancel\n29821@1709891234.5:qmp_enter_migrate_cancel {}\n";
    let expected = [
        ": command `migrate-set-capabilities`",
        ": success of `migrate-set-capabilities`",
        ": change of state to `setup`",
        ": command `migrate-cancel`",
    ];
    assert_eq!(read(text), expected);
    for line in [
        "migrate_set_state new state setup\n",
        "migrate_set_state 12.345 pid=7 new_state=b'setup'\n",
        "qemu-system-x86_64: migrate_set_state new state setup\n",
        "[10:47:07.1] (+0.1) host qemu:migrate_set_state: { cpu_id = 3 }, { new_state = \"setup\" }\n",
        "  qemu-system-x86-12 [003] .... 77.5: tracing_mark_write: migrate_set_state new state setup\n",
    ] {
        let seen = read(line);
        assert!(seen.len() == 1 && seen[0].ends_with(": change of state to `setup`"), "{line}: {seen:?}");
    }
    assert_eq!(
        read("qmp_cmd_name: migrate-incoming, arguments: {\"uri\": \"tcp:[::]:49152\"}\n"),
        [": command `migrate-incoming`"]
    );
    let mut log = Log::default();
    assert!(log.read("migrate_set_state new state 4\n").is_empty());
    assert!(log.notes().any(|(line, note)| line == 1 && note.contains("states as numbers")));
}

/// The number before `@` is that of a thread. Two processes in one text have a prefix of another kind.
#[test]
fn the_threads_of_a_trace_are_one_process() {
    let lines = [
        "41@1709891234.1:qmp_enter_migrate {\"uri\": \"tcp:x:1\"}",
        "41@1709891234.2:migrate_set_state new state setup",
        "44@1709891234.3:migrate_set_state new state active",
        "41@1709891234.4:qmp_exit_migrate {} 1",
    ];
    let expected =
        ["command `migrate`", "change of state to `setup`", "change of state to `active`", "success of `migrate`"];
    assert_eq!(read(&lines.map(|line| line.to_owned() + "\n").concat()), expected.map(|words| format!(": {words}")));
    let pods = lines.map(|line| format!("[pod/a/compute] {line}\n[pod/b/compute] {line}\n"));
    let expected = expected.map(|words| [format!("a/compute: {words}"), format!("b/compute: {words}")]);
    assert_eq!(read(&pods.concat()), expected.concat());
    let sides = ["Source:", lines[1], "", "Destination (new):", lines[2]];
    let named = ["source: change of state to `setup`", "destination: change of state to `active`"];
    assert_eq!(read(&(sides.join("\n") + "\n")), named);
    let simple = ["7", "8"].map(|pid| format!("migrate_set_state 12.345 pid={pid} new_state=b'setup'\n"));
    assert_eq!(read(&simple.concat()), ["pid 7: change of state to `setup`", "pid 8: change of state to `setup`"]);
}

/// What a trace shows twice is one: a command when it comes and when it is entered, a reply when it is made and sent.
#[test]
fn a_trace_tells_commands_and_replies_once() {
    let text = "handle_qmp_command mon 0x1 req: {\"execute\": \"migrate\", \"arguments\": {\"uri\": \"tcp:x:1\"}, \"id\": 3}\n\
                qmp_enter_migrate {\"uri\": \"tcp:x:1\"}\nqmp_exit_migrate {} 1\n\
                monitor_qmp_respond mon 0x1 resp: {\"return\": {}, \"id\": 3}\n\
                qmp_enter_query_migrate {}\nqmp_exit_query_migrate {\"status\": \"active\"} 1\n\
                monitor_qmp_respond mon 0x1 resp: {\"return\": {\"status\": \"active\"}}\n\
                qmp_enter_migrate_pause {}\nqmp_exit_migrate_pause migrate-pause is not possible 0\n";
    let expected = [
        ": command `migrate`",
        ": success of `migrate`",
        ": command `query-migrate`",
        ": reply of `query-migrate` with status `active`",
        ": command `migrate-pause`",
        ": error of `migrate-pause`",
    ];
    assert_eq!(read(text), expected);
}

#[test]
fn the_human_monitor_is_read() {
    let text = "QEMU 2.4.50 monitor - type 'help' for more information\n\
                (qemu) migrate_set_capability x-postcopy-ram on\n(qemu) migrate -d tcp:localhost:4444\n\
                (qemu) info migrate\ncapabilities: xbzrle: off x-postcopy-ram: on\nMigration status: active\n\
                total time: 39432 milliseconds\n(qemu) (qemu) i\u{1b}[K\u{1b}[Dinfo migrate\u{1b}[K\r\nStatus: \t\tcompleted\n(qemu) quit\n";
    let expected = [
        ": command `migrate_set_capability x-postcopy-ram on` (human monitor)",
        ": success of `migrate_set_capability x-postcopy-ram on` (human monitor)",
        ": command `migrate -d tcp:localhost:4444` (human monitor)",
        ": success of `migrate -d tcp:localhost:4444` (human monitor)",
        ": command `info migrate` (human monitor)",
        ": reply of `info migrate` (human monitor) with status `active`",
        ": command `info migrate` (human monitor)",
        ": reply of `info migrate` (human monitor) with status `completed`",
        ": command `quit` (human monitor)",
        ": success of `quit` (human monitor)",
    ];
    assert_eq!(read(text), expected);
    let virsh =
        "# virsh qemu-monitor-command vm1 --hmp 'info migrate'\nMigration status: failed (Connection reset)\n\n";
    assert_eq!(
        read(virsh),
        [
            "vm1: command `info migrate` (human monitor)",
            "vm1: reply of `info migrate` (human monitor) with status `failed`",
        ]
    );
}

/// An object with the text of a record in it is read as an object.
#[test]
fn records_in_texts_are_read_as_they_are_alone() {
    for (text, expected) in [
        ("Migration of domain 0x7f vm1 changed state to setup", "vm1: change of state to `setup`"),
        ("7@1.5:migrate_set_state new state setup", "pid 7: change of state to `setup`"),
        (
            "event MIGRATION at 1.5 for domain 'a': {\\\"status\\\":\\\"setup\\\"}",
            "a: event `MIGRATION` with status `setup`",
        ),
    ] {
        assert_eq!(read(&format!("{{\"_PID\":\"7\",\"MESSAGE\":\"{text}\",\"pos\":\"f:1\"}}\n")), [expected]);
    }
}

/// Whatever stands before an object that is an envelope, its texts are read.
#[test]
fn envelopes_may_have_a_prefix() {
    for text in [
        "Migration of domain 0x7f vm1 changed state to setup",
        "event MIGRATION at 1.5 for domain 'vm1': {\\\"status\\\": \\\"setup\\\"}",
    ] {
        for prefix in ["2024-04-25T17:00:00.1Z ", "[pod/virt-launcher-a/compute] ", "launcher  | ", "some text: "] {
            let seen =
                read(&format!("{prefix}{{\"component\":\"virt-launcher\",\"msg\":\"{text}\",\"pos\":\"f:1\"}}\n"));
            assert!(
                seen.len() == 1 && seen[0].contains("vm1: ") && seen[0].ends_with("`setup`"),
                "{prefix}{text}: {seen:?}"
            );
        }
    }
}

/// At level `debug` libvirt logs what it parses, too.
#[test]
fn other_records_with_messages_in_them_are_passed_over() {
    let text = "2020-09-07 19:30:14.201+0000: 65555: debug : virJSONValueFromString:1642 : string={\"event\": \"MIGRATION\", \
                \"data\": {\"status\": \"setup\"}}\n";
    assert!(read(text).is_empty());
}
