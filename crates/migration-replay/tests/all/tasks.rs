//! Logs of programs that ask for the status now and then: only the words that are statuses of the table are read.

use migration_replay::log::Log;

use super::formats::read;

fn replies(process: &str, statuses: &[&str]) -> Vec<String> {
    let reply = |status: &&str| {
        [
            format!("{process}: command `query-migrate`"),
            format!("{process}: reply of `query-migrate` with status `{status}`"),
        ]
    };
    statuses.iter().flat_map(reply).collect()
}

#[test]
fn tasks_of_proxmox_are_read() {
    let text = "2024-01-01 12:00:00 starting migration of VM 101 to node 'b' (192.0.2.2)\n\
                2024-01-01 12:00:02 start migrate command to unix:/run/qemu-server/101.migrate\n\
                2024-01-01 12:00:03 migration active, transferred 112.5 MiB of 4.0 GiB VM-state, 113.3 MiB/s\n\
                Jan 01 12:00:04 migration status: active (transferred 220, remaining 100), total 400)\n\
                2024-01-01 12:00:05 migration status: completed\n\
                2024-01-01 12:00:06 migration finished successfully (duration 00:00:06)\nTASK OK\n";
    assert_eq!(read(text), replies("", &["active", "active", "completed"]));
    let text = "2024-01-01 12:00:05 migration status error: failed\n\
                2024-01-01 12:00:05 ERROR: online migrate failure - aborting\n\
                2024-01-01 12:00:05 aborting phase 2 - cleanup resources\n\
                2024-01-01 12:00:05 ERROR: migration finished with problems (duration 00:00:06)\n";
    assert_eq!(read(text), replies("", &["failed"]));
}

#[test]
fn nova_is_read_as_far_as_it_says_statuses() {
    let line = |text: &str| {
        format!(
            "2024-07-11 22:10:59.603 2 INFO nova.virt.libvirt.driver [None req-1 - - - - -] [instance: 5f-a1] {text}\n"
        )
    };
    let running = line("Migration running for 30 secs, memory 75% remaining (bytes processed=1, remaining=3, total=4)");
    assert_eq!(read(&(running.clone() + &line("Migration operation has completed"))), replies("5f-a1", &["completed"]));
    assert_eq!(read(&line("Migration operation was cancelled")), replies("5f-a1", &["cancelled"]));
    // The words of the table, and no others.
    let text = include_str!("../../../../states.yaml").replace("cancelled", "withdrawn");
    let table = migration_table::load(&text).table.unwrap();
    let mut log = Log::new(&table);
    assert!(log.read(&line("Migration operation was cancelled")).is_empty());
    assert_eq!(log.read(&line("Migration operation was withdrawn")).len(), 2);
    let mut log = Log::default();
    assert!(log.read(&running).is_empty() && log.is_unreadable());
    assert!(log.notes().any(|(line, note)| line == 1 && note.contains("Nova")));
}

#[test]
fn what_shows_no_status_is_named() {
    for (line, instead) in [
        ("event 'lifecycle' for domain 'vm1': Suspended Migrated\n", "qemu-monitor-event"),
        (
            "2023-10-27 11:23:17.422+0000: event 'migration-iteration' for domain 'vm1': iteration: '2'\n",
            "qemu-monitor-event",
        ),
        (
            "2021-06-01 10:10:10,123+0200 INFO  (migmon/5f) [virt.vm] (vmId='5f') Migration Progress: 10.0 seconds \
             elapsed, 13% of data processed (migration:866)\n",
            "vdsm",
        ),
    ] {
        let mut log = Log::default();
        assert!(log.read(line).is_empty() && log.is_unreadable());
        assert!(log.notes().any(|(_, note)| note.contains(instead)));
    }
}
