//! The figures that the tests look at: of our own table every view, of the tables of QEMU what is shown by default.

use std::fs;
use std::path::Path;
use std::sync::{LazyLock, OnceLock};

use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, ARROWS_MAX, Figure, Side, Step, Trace, View};
use migration_table::model::{Kind, Machine, Row, Table};
use migration_table::testing::load;

/// The releases whose tables are looked at.
pub(super) const RELEASES: [&str; 5] = ["9.0", "9.1", "10.0", "10.2", "11.0"];

/// The table of this project.
pub(super) fn own() -> Table {
    read("../../states.yaml")
}

/// Our own table, but for a `continue` that goes back to where the guest is stopped.
pub(super) fn back_to_stopping() -> Table {
    let mut table = own();
    let source = table.machines.iter_mut().find(|machine| machine.name == "source").expect("there is a source");
    let (paused, stopping) = (source.state_id("pre_switchover"), source.state_id("stopping").expect("it is a state"));
    let device = source.state_id("device");
    let goes_on = |row: &Row| Some(row.to) == device && paused.is_some_and(|paused| row.from == [paused]);
    let row = source.rows.iter().position(goes_on).expect("it goes on from the pause");
    source.rows[row].to = stopping;
    table
}

/// A table whose happy path ends where it begins, in a status that two of its states show.
pub(super) fn coming_back() -> Table {
    load(COMING_BACK)
}

const COMING_BACK: &str = r#"
format: 1
machine: lease
statuses:
  down:    { since: "1.0", doc: "nothing runs" }
  standby: { since: "1.0", doc: "waits for its turn" }
  primary: { since: "1.0", doc: "serves" }
triggers:
  start: { command: start, doc: "begin" }
  stop:  { command: stop,  doc: "end" }
events:
  hand:     { doc: "the other one hands over" }
  replayed: { doc: "everything is replayed" }
  closed:   { doc: "everything is closed" }
  failed:   { carries: cause, doc: "it cannot go on" }
machines:
  only:
    doc: "takes over, and stands down"
    precedence: [failed, stop, hand, replayed]
    happy_path: [down, standby, promoting, primary, stopping, down]
    states:
      down:      { kind: idle,    shows: down,    initial: true, doc: "at rest" }
      standby:   { kind: wait,    shows: down,    doc: "waits" }
      promoting: { kind: work,    shows: standby, doc: "replays" }
      primary:   { kind: work,    shows: primary, doc: "serves" }
      stopping:  { kind: cleanup, shows: standby, doc: "closes" }
    transitions:
      - { from: down,      when: start,    to: standby }
      - { from: standby,   when: hand,     to: promoting, public: true }
      - { from: promoting, when: failed,   to: standby,   public: true }
      - { from: promoting, when: replayed, to: primary,   public: true }
      - { from: [standby, promoting], when: stop, to: stopping, public: true }
      - { from: primary,   when: stop or failed, to: stopping, public: true }
      - { from: stopping,  when: closed,   to: down,      public: true }
"#;

/// The table of a release of QEMU.
pub(super) fn qemu(release: &str) -> Table {
    read(&format!("../../tests/tables/qemu-{release}.yaml"))
}

fn read(path: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    load(&text)
}

/// A figure and its pictures. Each is laid out when it is first looked at, once for all tests.
pub(super) struct Drawn {
    pub(super) name: String,
    pub(super) figure: Figure,
    file: OnceLock<String>,
    inline: OnceLock<String>,
}

impl Drawn {
    fn new(name: String, figure: Figure) -> Self {
        Drawn { name, figure, file: OnceLock::new(), inline: OnceLock::new() }
    }

    /// The picture as a file.
    pub(super) fn file(&self) -> &str {
        self.file.get_or_init(|| svg(&self.figure, &Options::default()))
    }

    /// The picture as a part of a page, with links to the lines of the table.
    pub(super) fn inline(&self) -> &str {
        self.inline.get_or_init(|| inline(&self.figure))
    }
}

/// Draws a picture as a part of a page, with links to the lines of the table.
pub(super) fn inline(figure: &Figure) -> String {
    let source_url = Some("https://example.org/t?a=1&b=2#L{line}".to_owned());
    svg(figure, &Options { inline: true, source_url, ..Options::default() })
}

/// Every view of our own table.
pub(super) fn of_own() -> &'static [Drawn] {
    static OWN: LazyLock<Vec<Drawn>> = LazyLock::new(|| {
        let table = own();
        let old = changed(&table);
        table.machines.iter().flat_map(|machine| views(&table, &old, machine)).collect()
    });
    &OWN
}

fn views(table: &Table, old: &Table, machine: &Machine) -> Vec<Drawn> {
    let steps: Vec<Step<'_>> = (0..machine.rows.len())
        .map(|row| Step {
            machine: &machine.name,
            from: machine.rows[row].from[0],
            row,
            is_certain: !row.is_multiple_of(3),
        })
        .collect();
    let ends = vec![(machine.name.as_str(), machine.initial)];
    let trace = Trace { steps, ends, notes: vec!["what is said of it".to_owned()] };
    let mut views = vec![
        View::Overview,
        View::Full,
        View::Trace(&trace),
        View::Diff { old, verdict: Some("a verdict"), run: None },
        View::Diff { old, verdict: None, run: Some((Side::New, &trace)) },
    ];
    let stretches = draw::phases(machine);
    let of_kind = |kind: &&Kind| machine.states.iter().any(|state| state.kind == **kind);
    views.extend(machine.groups.iter().map(|group| View::Phase(&group.name)));
    views.extend(Kind::ALL.iter().filter(of_kind).map(|kind| View::Phase(kind.name())));
    views.extend(stretches.iter().map(|phase| View::Phase(&phase.name)));
    views.extend(machine.states.iter().map(|state| View::State(&state.name)));
    let triggers = machine.facts.iter().filter(|fact| fact.is_trigger());
    views.extend(triggers.map(|fact| View::Trigger(&fact.name)));
    let drawn = |view: &View<'_>| {
        let figure = draw::figure(table, &[machine], view).expect("the view can be drawn");
        Drawn::new(format!("{} of {}", figure.view, machine.name), figure)
    };
    views.iter().map(drawn).collect()
}

/// What is shown of the machines of QEMU where nothing is asked for. Of most releases only what they are, in short.
pub(super) fn of_qemu() -> &'static [Drawn] {
    static QEMU: LazyLock<Vec<Drawn>> = LazyLock::new(|| {
        let mut found = Vec::new();
        for release in RELEASES {
            let table = qemu(release);
            for machine in &table.machines {
                let figure = draw::readable(&table, machine);
                let has_phases = figure.view != "full" && release == "9.0";
                found.push(Drawn::new(format!("{} of {} in {release}", figure.view, machine.name), figure));
                found.extend(has_phases.then(|| phases(&table, machine)).into_iter().flatten());
            }
        }
        found
    });
    &QEMU
}

fn phases(table: &Table, machine: &Machine) -> Vec<Drawn> {
    let mut found = Vec::new();
    for phase in draw::phases(machine) {
        let figure = draw::figure(table, &[machine], &View::Phase(&phase.name)).expect("a phase can be drawn");
        if figure.panels[0].arrows.len() <= ARROWS_MAX {
            found.push(Drawn::new(format!("{} of {}", figure.view, machine.name), figure));
        }
    }
    found
}

/// The table with something of each kind changed: a row less, a row more, a row that differs, a state less.
pub(super) fn changed(table: &Table) -> Table {
    let mut old = table.clone();
    for machine in &mut old.machines {
        machine.rows.remove(1);
        machine.rows[2].sends = Vec::new();
        machine.rows[3].cubes[0].set |= migration_table::model::FactId(0);
        let mut extra = machine.rows[0].clone();
        extra.to = machine.rows[4].to;
        machine.rows.push(extra);
        machine.states[2].kind = Kind::Wait;
    }
    old
}
