//! An approval covers a difference on the ways on which clients first come to it, and no shorter or other one, and for
//! the clients that it breaks now, and no others.

use super::Project;

const OLD: &str = "format: 1
machine: mover
statuses:
  none:   { since: \"0.1\", doc: \"nothing was moved\" }
  active: { since: \"0.1\", doc: \"it is being moved\" }
  paused: { since: \"0.1\", doc: \"it waits\" }
  done:   { since: \"0.1\", doc: \"it is there\" }
  failed: { since: \"0.1\", doc: \"it is still here\" }
triggers:
  move:   { command: move,   doc: \"move it\" }
  pause:  { command: pause,  doc: \"stop for a while\" }
  resume: { command: resume, doc: \"go on\" }
events:
  moved:  { doc: \"all is there\" }
  broken: { outside: true, doc: \"the other side is gone\" }
machines:
  mover:
    doc: \"moves things\"
    precedence: [broken, pause, moved]
    states:
      none:    { kind: idle, shows: none, initial: true, doc: \"nothing goes on\" }
      active:  { kind: work, shows: active, doc: \"moves it\" }
      paused:  { kind: wait, shows: paused, doc: \"waits for the user\" }
      again:   { kind: work, shows: active, doc: \"moves the rest\" }
      done:    { kind: idle, shows: done, doc: \"all is there\" }
      failed:  { kind: idle, shows: failed, doc: \"it is over\" }
    transitions:
      - { from: idle,   when: move,   to: active, public: true }
      - { from: active, when: moved,  to: done,   public: true }
      - { from: active, when: pause,  to: paused, public: true }
      - { from: paused, when: resume, to: again,  public: true }
      - { from: paused, when: broken, to: failed, public: true }
      - { from: again,  when: moved,  to: done,   public: true }
    answers:
      - { trigger: move,   answer: ignore }
      - { trigger: pause,  answer: ignore }
      - { trigger: resume, answer: ignore }
";

/// The only phase that could fail, until 0.1, is none of these.
const SECOND: &str = "      - { from: again,  when: broken, to: failed, public: true }\n";
const FIRST: &str = "      - { from: active, when: broken, to: failed, public: true }\n";

const KEY: &str = "outcome-added: mover: active -> failed";

fn with(rows: &str) -> String {
    OLD.replace("    answers:\n", &format!("{rows}    answers:\n"))
}

/// A project in which a second phase may fail, which is approved.
fn approved() -> Project {
    let project = Project::new();
    project.write("states.yaml", OLD);
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.1"]);
    project.write("states.yaml", &with(SECOND));
    project.succeeds(&["bless"]);
    project.approve(KEY, "0.2");
    project
}

fn change(project: &Project, table: &str) {
    project.write("states.yaml", table);
    project.succeeds(&["bless"]);
}

#[test]
fn a_shorter_way_is_not_approved_and_what_does_not_touch_the_finding_opens_nothing() {
    let project = approved();
    let file = project.read("api/approvals.yaml");
    assert!(file.contains("      - \"`move` ok, active, `pause` ok, paused, `resume` ok, active\"\n"), "{file}");
    project.succeeds(&["check"]);
    // Other names of states, another row, and another finding.
    let other =
        with(SECOND).replace("again", "more").replace("done:    {", "there:   {").replace("to: done", "to: there");
    change(&project, &other);
    project.succeeds(&["check"]);
    let refuses = "trigger: pause,  answer: refuse, because: \"it is too late\"";
    change(&project, &other.replace("trigger: pause,  answer: ignore", refuses));
    let open = project.open_keys();
    assert!(!open.is_empty() && !open.contains(&KEY.to_owned()), "{open:?}");
    change(&project, &with(&[FIRST, SECOND].concat()));
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("approved until 0.2, but not on the way `move` ok, active: it was never promised"), "{said}");
    assert!(said.contains("1 to mend, 0 approved"), "{said}");
    let markdown = project.ends(&["check", "--format", "markdown"], 1).stdout;
    assert!(markdown.contains("until 0.2, but not on the way `move` ok, active\n"), "{markdown}");
    project.ends(&["freeze", "0.2"], 1);
    // A client that pauses has been in the first phase before, so one way is enough.
    project.approve(KEY, "0.2");
    let file = project.read("api/approvals.yaml");
    assert!(file.contains("    ways:\n      - \"`move` ok, active\"\n    reason"), "{file}");
    project.succeeds(&["freeze", "0.2"]);
    project.succeeds(&["check"]);
}

/// What was frozen keeps its ways: what is new to clients of 0.1 is new to those of 0.2.
#[test]
fn the_approval_in_a_release_has_its_ways() {
    let project = approved();
    project.succeeds(&["freeze", "0.2"]);
    assert!(project.read("api/releases/0.2.lock").contains("\"ways\":[\"`move` ok, active, `pause` ok,"));
    project.succeeds(&["check"]);
    change(&project, &with(&[FIRST, SECOND].concat()));
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("clients of              0.1, 0.2\n"), "{said}");
}

#[test]
fn an_approval_that_names_no_way_is_asked_for_anew() {
    let project = approved();
    let file = project.read("api/approvals.yaml");
    let (from, to) =
        (file.find("    ways:").expect("it names ways"), file.find("    reason:").expect("it has a reason"));
    project.write("api/approvals.yaml", &[&file[..from], &file[to..]].concat());
    let said = project.ends(&["check"], 1).stdout;
    assert!(
        said.contains("approved until 0.2, but the approval does not say on which ways: approve it anew: "),
        "{said}"
    );
    project.approve(KEY, "0.2");
    assert_eq!(project.read("api/approvals.yaml"), file);
    project.succeeds(&["check"]);
}

/// One state shows another status: that is an error, and what is found behind it says so, and is approved by itself.
#[test]
fn what_follows_an_open_error_names_it() {
    let project = Project::new();
    project.write("states.yaml", OLD);
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.1"]);
    let shows = OLD.replace("active:  { kind: work, shows: active", "active:  { kind: work, shows: paused");
    change(&project, &shows.replace("when: pause,  to: paused, public: true", "when: pause,  to: paused"));
    let (cause, behind) =
        ("command-effect-changed: mover: move in none -> paused", "outcome-added: mover: paused -> done");
    let open = project.open_keys();
    assert!([cause, behind].iter().all(|key| open.contains(&(*key).to_owned())), "{open:?}");
    let follows = format!("\n  follows '{cause}', whose step is in brackets\n");
    let said = project.ends(&["check"], 1).stdout;
    assert_eq!(said.matches(&follows).count(), open.len() - 1, "{said}");
    project.approve(cause, "0.2");
    assert!(!project.ends(&["check"], 1).stdout.contains("follows '"));
    assert!(project.open_keys().contains(&behind.to_owned()));
}

/// A new status is approved where clients come to it now, and not where they come to it later.
#[test]
fn a_new_status_is_approved_on_its_ways() {
    let project = Project::new();
    project.write("states.yaml", OLD);
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.1"]);
    let declared =
        OLD.replace("  done:   { since", "  busy:   { since: \"0.2\", doc: \"the rest is moved\" }\n  done:   { since");
    let again = declared.replace("again:   { kind: work, shows: active", "again:   { kind: work, shows: busy");
    change(&project, &again);
    let key = "status-added: busy";
    project.open_keys().iter().for_each(|open| project.approve(open, "0.2"));
    let file = project.read("api/approvals.yaml");
    let way = "      - \"mover: `move` ok, active, `pause` ok, paused, `resume` ok\"\n";
    assert!(file.contains(&format!("{key:?}\n    breaks: [\"E!\", \"P!\"]\n    ways:\n")), "{file}");
    assert!(file.contains(way), "{file}");
    project.succeeds(&["check"]);
    change(&project, &again.replace("active:  { kind: work, shows: active", "active:  { kind: work, shows: busy"));
    assert!(project.open_keys().contains(&key.to_owned()));
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("approved until 0.2, but not on the way mover: `move` ok: "), "{said}");
}

/// A table of which a phase can fail: for an instant, which only those see who are sent events, or for a while.
fn flashes(row: &str) -> String {
    let rows = format!(
        "{}      - {{ from: flash, when: {row}, to: done, public: true }}\n",
        FIRST.replace("to: failed", "to: flash")
    );
    let flash = "      flash:   { kind: work, shows: failed, doc: \"something broke\" }\n      done: ";
    let guards = "guards:\n  loud: { doc: \"it is told\" }\nmachines:";
    with(&rows).replace("      done: ", flash).replace("machines:", guards)
}

/// What is approved breaks nobody who is not named, also if it has the same name and the same ways.
#[test]
fn whom_it_breaks_later_is_not_approved() {
    let key = "event-new-successor: mover: active -> failed";
    for (gates, is_promised) in [
        ("", true),
        ("observers:\n  panel: { channel: events, unknown: skip, gate: true, doc: \"waits for the end\" }\n", false),
    ] {
        let project = Project::new();
        let gated = |table: &str| table.replace("triggers:", &format!("{gates}triggers:"));
        project.write("states.yaml", &gated(OLD));
        project.succeeds(&["bless"]);
        project.succeeds(&["freeze", "0.1"]);
        change(&project, &gated(&flashes("loud or not loud")));
        project.open_keys().iter().for_each(|open| project.approve(open, "0.2"));
        let file = project.read("api/approvals.yaml");
        assert!(file.contains(&format!("{key:?}\n    breaks: [\"E\", \"E!\", \"El\"]\n    ways:")), "{file}");
        project.succeeds(&["check"]);

        change(&project, &gated(&flashes("moved")));
        let said = project.api(&["check", "--fail-on", "warn"]).ended(1).stdout;
        let open = "approved until 0.2, but not for P, P!, whom it breaks as well";
        assert!(said.contains(open), "{said}");
        assert!(project.open_keys().contains(&key.to_owned()) == is_promised, "{:?}", project.open_keys());
        project.approve(key, "0.2");
        // An approval that an older version of the program wrote names nobody, and is for all.
        let file = project.read("api/approvals.yaml");
        let kept: Vec<&str> = file.lines().filter(|line| !line.trim().starts_with("breaks:")).collect();
        project.write("api/approvals.yaml", &format!("{}\n", kept.join("\n")));
        assert!(!project.api(&["check"]).stdout.contains(open));
    }
}
