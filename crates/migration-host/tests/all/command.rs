//! The commands, without a session: what each takes, refuses and does.

use migration_host::announce::Stage;
use migration_host::commands::COMMANDS;
use migration_host::qmp::{CommandError, Dispatch, ErrorClass};
use migration_host::runstate::Resting::{Paused, Running};
use migration_host::runstate::Runstate::{self, InMigrate, Own, PostMigrate};
use migration_host::shutdown::Reason;
use migration_runtime::guest::Guest;
use migration_runtime::states::Status;
use serde_json::{Value, json};

use super::fake::Fakes;

const AWAITED: Runstate = InMigrate { autostart: true, was: None };

fn execute(fakes: &Fakes, command: &str, arguments: Value) -> Result<Value, String> {
    fakes.host.dispatch(command, arguments.as_object().unwrap()).map_err(|error| error.to_string())
}

#[test]
fn every_command_refuses_an_unknown_argument() {
    let fakes = Fakes::new(Own(Running));
    for command in COMMANDS {
        let error = execute(&fakes, command.name, json!({"nonsense": 1})).unwrap_err();
        assert!(error.starts_with("argument `nonsense` is unknown"), "{}: {error}", command.name);
    }
    let error = fakes.host.dispatch("nonsense", &serde_json::Map::new()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::CommandNotFound);
}

#[test]
fn what_the_machine_refuses_keeps_its_class() {
    for class in ErrorClass::ALL {
        let fakes = Fakes::new(Own(Running));
        fakes.migrations.refuse(CommandError::new(class, "not now"));
        let error = fakes.host.dispatch("migrate_cancel", &serde_json::Map::new()).unwrap_err();
        assert_eq!((error.class(), error.to_string()), (class, "not now".to_owned()));
    }
}

/// A table that lists no classes of its own has those that the page about its checks names, and the table of a migration
/// lists none.
#[test]
fn every_class_of_a_table_is_one_of_the_protocol() {
    let checks = include_str!("../../../../docs/checks.md");
    let (_, listed) = checks.split_once("that QMP knows: ").expect("the page names the classes");
    let (listed, _) = listed.split_once('.').expect("the list has an end");
    let known: Vec<_> = listed.split('`').skip(1).step_by(2).map(ErrorClass::from_name).collect();
    assert_eq!(known, ErrorClass::ALL.map(Some));
    assert_eq!(ErrorClass::from_name("NotAClass"), None);
    assert!(
        !include_str!("../../../../states.yaml").contains("classes:"),
        "the host has classes that it does not know"
    );
}

#[test]
fn stop_and_cont_change_what_query_status_says() {
    let fakes = Fakes::new(Own(Running));
    let status = |fakes: &Fakes| execute(fakes, "query-status", json!({})).unwrap();
    assert_eq!(status(&fakes), json!({"status": "running", "running": true}));
    for _ in 0..2 {
        execute(&fakes, "stop", json!({})).unwrap();
        assert_eq!(status(&fakes), json!({"status": "paused", "running": false}));
    }
    execute(&fakes, "cont", json!({})).unwrap();
    assert_eq!(status(&fakes), json!({"status": "running", "running": true}));
}

#[test]
fn capabilities_are_set_all_or_none() {
    let fakes = Fakes::new(Own(Running));
    let set = |name: &str, on: bool| {
        let list = json!([{"capability": "events", "state": true}, {"capability": name, "state": on}]);
        execute(&fakes, "migrate-set-capabilities", json!({ "capabilities": list }))
    };
    let is_on = |name: &str| {
        let list = execute(&fakes, "query-migrate-capabilities", json!({})).unwrap();
        let all = list.as_array().unwrap().iter();
        all.filter(|one| one["capability"] == name).map(|one| one["state"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(set("xbzrle", true).unwrap_err(), "migration capability `xbzrle` is not supported by this host");
    assert_eq!(set("multi-fd", false).unwrap_err(), "there is no migration capability `multi-fd`");
    assert_eq!(is_on("events"), [false]);
    set("xbzrle", false).unwrap();
    set("pause-before-switchover", true).unwrap();
    assert_eq!((is_on("events"), is_on("pause-before-switchover")), (vec![true], vec![true]));
    assert_eq!((is_on("multifd"), is_on("xbzrle")), (vec![false], vec![false]));
    set("multifd", true).unwrap();
    assert_eq!(is_on("multifd"), [true]);
}

#[test]
fn a_capability_that_requires_another_is_not_on_without_it() {
    let fakes = Fakes::new(Own(Running));
    let set = |list: &[(&str, bool)]| {
        let list = list.iter().map(|(name, on)| json!({ "capability": name, "state": on })).collect::<Vec<_>>();
        execute(&fakes, "migrate-set-capabilities", json!({ "capabilities": list }))
    };
    let expected = "migration capability `postcopy-preempt` requires `postcopy-ram`: switch both on, or both off";
    assert_eq!(set(&[("postcopy-preempt", true)]).unwrap_err(), expected);
    set(&[("postcopy-blocktime", true)]).unwrap();
    set(&[("postcopy-preempt", false)]).unwrap();
    if migration_runtime::postcopy::Fetch::check_host().is_err() {
        eprintln!("skipped in part: this machine has no userfaultfd, so `postcopy-ram` cannot be set");
        return;
    }
    set(&[("postcopy-preempt", true), ("postcopy-ram", true)]).unwrap();
    assert_eq!(set(&[("postcopy-ram", false)]).unwrap_err(), expected);
    set(&[("postcopy-ram", false), ("postcopy-preempt", false)]).unwrap();
}

#[test]
fn capabilities_are_not_changed_while_a_guest_is_moved_away() {
    let fakes = Fakes::new(Own(Running));
    let set = json!({"capabilities": [{"capability": "events", "state": true}]});
    fakes.migrations.source(Status::Cancelling, Stage::InProgress);
    assert!(execute(&fakes, "migrate-set-capabilities", set.clone()).unwrap_err().contains("in progress"));
    fakes.migrations.source(Status::Cancelled, Stage::Ended);
    execute(&fakes, "migrate-set-capabilities", set).unwrap();
}

#[test]
fn parameters_are_bounded_and_kept() {
    let fakes = Fakes::new(Own(Running));
    let set = |arguments| execute(&fakes, "migrate-set-parameters", arguments);
    set(json!({"downtime-limit": 2_000_000})).unwrap();
    set(json!({"max-bandwidth": 1 << 30})).unwrap();
    let error = set(json!({"downtime-limit": 2_000_001, "max-bandwidth": 0})).unwrap_err();
    assert_eq!(error, "argument `downtime-limit` is 2000001, but must be between 0 and 2000000");
    let known = execute(&fakes, "query-migrate-parameters", json!({})).unwrap();
    let expected = json!({
        "downtime-limit": 2_000_000,
        "max-bandwidth": 1 << 30,
        "throttle-trigger-threshold": 50,
        "cpu-throttle-initial": 20,
        "cpu-throttle-increment": 10,
        "max-cpu-throttle": 99,
        "multifd-channels": 2,
        "x-limit": 0,
        "x-on-limit": "cancel",
        "tls-creds": "",
        "tls-hostname": "",
        "tls-authz": "",
    });
    assert_eq!(known, expected);
    for count in [0, 256] {
        let error = set(json!({"multifd-channels": count})).unwrap_err();
        assert_eq!(error, format!("argument `multifd-channels` is {count}, but must be between 1 and 255"));
    }
    set(json!({"multifd-channels": 255})).unwrap();
    assert_eq!(execute(&fakes, "query-migrate-parameters", json!({})).unwrap()["multifd-channels"], 255);
    let error = set(json!({"x-on-limit": "wait", "max-bandwidth": 0})).unwrap_err();
    assert_eq!(error, "`x-on-limit` is `cancel`, `switch-over` or `postcopy`, not `wait`");
}

#[test]
fn addresses_are_checked_before_anything_is_asked_of_the_machines() {
    let inet = |host: &str| json!({"transport": "socket", "type": "inet", "host": host, "port": "1"});
    let main = |address: Value| json!({"channels": [{"channel-type": "main", "addr": address}]});
    for (command, runstate) in [("migrate", Own(Running)), ("migrate-incoming", AWAITED)] {
        let fakes = Fakes::new(runstate);
        let bad = [
            json!({}),
            json!({"uri": "tcp:nowhere"}),
            json!({"uri": "exec:cat"}),
            json!({"uri": "tcp:a:1", "channels": []}),
            json!({"channels": []}),
            json!({"channels": [{"channel-type": "cpr", "addr": inet("a")}]}),
            main(json!({"transport": "file", "path": "/x"})),
            main(json!({"transport": "socket", "type": "vsock"})),
            main(json!({"transport": "socket", "type": "inet", "host": "a"})),
            main(json!({"transport": "socket", "type": "unix", "host": "a", "path": "/x"})),
        ];
        for arguments in bad {
            execute(&fakes, command, arguments.clone()).expect_err(&arguments.to_string());
        }
        assert_eq!(fakes.migrations.asked(), [""; 0]);
        execute(&fakes, command, json!({"uri": "unix:/tmp/x"})).unwrap();
        execute(&fakes, command, main(inet("::1"))).unwrap();
        execute(&fakes, command, main(json!({"transport": "socket", "type": "unix", "path": "/x"}))).unwrap();
        let asked = fakes.migrations.asked();
        assert!(
            asked[0].ends_with("unix:/tmp/x") && asked[1].ends_with("tcp:[::1]:1") && asked[2].ends_with("unix:/x")
        );
    }
}

#[test]
fn a_process_without_a_guest_sends_none_and_one_with_a_guest_takes_none() {
    let waiting = Fakes::new(AWAITED);
    let error = execute(&waiting, "migrate", json!({"uri": "tcp:a:1"})).unwrap_err();
    assert!(error.contains("still waits"), "{error}");
    let running = Fakes::new(Own(Running));
    let error = execute(&running, "migrate-incoming", json!({"uri": "tcp:a:1"})).unwrap_err();
    assert!(error.contains("a guest here already") && error.contains("--incoming defer"), "{error}");
    let left = Fakes::new(PostMigrate);
    let error = execute(&left, "migrate-incoming", json!({"uri": "tcp:a:1"})).unwrap_err();
    assert!(error.contains("was moved away") && error.contains("--incoming defer"), "{error}");
}

#[test]
fn the_commands_of_a_post_copy_reach_the_machines() {
    let fakes = Fakes::new(Own(Running));
    for (command, arguments) in [
        ("migrate-start-postcopy", json!({})),
        ("migrate-pause", json!({})),
        ("migrate", json!({"uri": "tcp:a:1", "resume": true})),
        ("migrate-recover", json!({"uri": "tcp:b:2"})),
        ("migrate-give-up", json!({})),
    ] {
        execute(&fakes, command, arguments).unwrap();
    }
    assert_eq!(fakes.migrations.asked(), ["start_postcopy", "pause", "resume tcp:a:1", "recover tcp:b:2", "give_up"]);
    // Without an address nothing is raised.
    for (command, arguments) in [("migrate", json!({"resume": true})), ("migrate-recover", json!({}))] {
        assert!(execute(&fakes, command, arguments).unwrap_err().contains("`uri` is missing"));
    }
    assert_eq!(fakes.migrations.asked().len(), 5);
}

#[test]
fn after_it_left_a_guest_is_sent_again_only_after_cont() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    assert!(execute(&fakes, "cont", json!({})).unwrap_err().contains("being moved"));
    fakes.migrations.source(Status::Completed, Stage::Completed);
    assert_eq!(execute(&fakes, "query-status", json!({})).unwrap()["status"], "postmigrate");
    assert!(execute(&fakes, "migrate", json!({"uri": "tcp:a:1"})).unwrap_err().contains("send `migrate` there"));
    execute(&fakes, "cont", json!({})).unwrap();
    execute(&fakes, "migrate", json!({"uri": "tcp:a:1"})).unwrap();
}

#[test]
fn continue_must_name_the_present_status() {
    let fakes = Fakes::new(Own(Running));
    let go_on = |state: &str| execute(&fakes, "migrate-continue", json!({ "state": state }));
    assert_eq!(go_on("pre-switchover").unwrap_err(), "the migration is in status `none`, not in `pre-switchover`");
    fakes.migrations.source(Status::PreSwitchover, Stage::InProgress);
    go_on("device").unwrap_err();
    go_on("pre-switchover").unwrap();
    assert_eq!(fakes.migrations.asked(), ["continue"]);
}

#[test]
fn a_running_guest_is_not_verified() {
    let fakes = Fakes::new(Own(Running));
    assert!(execute(&fakes, "x-verify-guest", json!({})).unwrap_err().contains("send `stop` first"));
    execute(&fakes, "stop", json!({})).unwrap();
    assert_eq!(execute(&fakes, "x-verify-guest", json!({})).unwrap(), json!({"whole": true}));
    let look = execute(&fakes, "x-query-guest", json!({})).unwrap();
    assert_eq!(look, json!({"kind": "fake-1", "running": false}));
}

#[test]
fn a_failed_arrival_ends_the_process_only_when_told_to() {
    let fakes = Fakes::new(AWAITED);
    execute(&fakes, "migrate-incoming", json!({"uri": "tcp:a:1"})).unwrap();
    fakes.migrations.destination(Status::Failed, Stage::Ended);
    execute(&fakes, "migrate-incoming", json!({"uri": "tcp:a:1", "exit-on-error": true})).unwrap();
    fakes.migrations.destination(Status::Failed, Stage::Ended);
    execute(&fakes, "quit", json!({})).unwrap();
    // The first reason counts.
    assert_eq!(fakes.host.shutdown.wait(), Reason::NoArrival);
}

#[test]
fn a_paused_guest_stays_paused_through_a_migration_that_fails() {
    let fakes = Fakes::new(Own(Paused));
    fakes.host.vm.stop().unwrap();
    fakes.migrations.source(Status::Failing, Stage::InProgress);
    fakes.host.vm.run().unwrap();
    fakes.migrations.source(Status::Failed, Stage::Ended);
    assert_eq!(execute(&fakes, "query-status", json!({})).unwrap(), json!({"status": "paused", "running": false}));
}

#[test]
fn a_guest_whose_post_copy_is_not_over_is_not_moved_on() {
    let fakes = Fakes::new(Own(Running));
    let migrate = || execute(&fakes, "migrate", json!({"uri": "tcp:a:1"}));
    let allow = |on: bool| {
        let list = json!([{"capability": "postcopy-ram", "state": on}]);
        execute(&fakes, "migrate-set-capabilities", json!({ "capabilities": list }))
    };
    fakes.migrations.destination(Status::PostcopyPaused, Stage::InProgress);
    for (missing_pages, why) in [(3, "part of the guest's memory still follows"), (0, "all memory is here")] {
        fakes.migrations.lacks(missing_pages);
        for refused in [allow(false), migrate()] {
            let refused = refused.unwrap_err();
            assert!(refused.starts_with("There's a migration process in progress"), "{refused}");
        }
        assert!(migrate().unwrap_err().contains(why));
    }
    assert_eq!(fakes.migrations.asked(), [""; 0]);
    fakes.migrations.destination(Status::Completed, Stage::Completed);
    allow(false).unwrap();
    migrate().unwrap();
}

#[test]
fn a_guest_that_ran_on_the_destination_of_a_post_copy_never_runs_here_again() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    fakes.migrations.ran_there();
    fakes.migrations.source(Status::Failed, Stage::Ended);
    for (command, arguments) in [("cont", json!({})), ("migrate", json!({"uri": "tcp:a:1"}))] {
        let refused = execute(&fakes, command, arguments).unwrap_err();
        assert!(refused.contains("ran on the destination"), "{command}: {refused}");
    }
    assert_eq!(fakes.host.vm.runstate(), PostMigrate);
}

#[test]
fn a_list_of_names_without_a_name_is_an_error() {
    let fakes = Fakes::new(Own(Running));
    for bad in [",", " ", " ,, "] {
        let refused = execute(&fakes, "migrate-set-parameters", json!({ "tls-authz": bad })).unwrap_err();
        assert!(refused.contains("has no name"), "{refused}");
    }
    execute(&fakes, "migrate-set-parameters", json!({ "tls-authz": "" })).unwrap();
}
