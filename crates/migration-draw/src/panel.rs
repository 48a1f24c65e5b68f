//! From a subject to a panel: the plan of a machine, with names, words and marks in place of ids.

use super::cluster::Cluster as Planned;
use super::figure::{Arrow, Cluster, Course, Mark, Node, Number, Panel, Tail, Way};
use super::label;
use super::plan::{self, Plan};
use super::subject::{Marking, Subject};
use migration_table::Span;
use migration_table::model::StateId;

/// Draws up what is shown of a subject.
pub(super) fn panel(subject: &Subject<'_>) -> Panel {
    let machine = subject.machine.as_ref();
    let mark = |row: usize| match subject.marking {
        Marking::Apart => subject.rows[row].mark,
        Marking::Together => Mark::Plain,
    };
    let plan = Plan::new(machine, subject.nodes.clone(), subject.attempts, &mark);
    let path = machine.happy_path.iter().map(|state| state.index()).collect();
    Panel {
        machine: machine.name.clone(),
        doc: machine.doc.clone(),
        line: machine.span.line,
        nodes: plan.nodes.iter().map(|node| shown_state(subject, node)).collect(),
        clusters: plan.clusters.iter().map(|cluster| shown_cluster(subject, cluster)).collect(),
        arrows: plan.arrows.iter().map(|arrow| shown_arrow(subject, &plan, arrow)).collect(),
        initial: subject.is_whole.then(|| machine.initial.index()),
        path,
    }
}

fn shown_state(subject: &Subject<'_>, node: &plan::Node) -> Node {
    let (table, machine) = (subject.table.as_ref(), subject.machine.as_ref());
    let state = machine.state(node.state);
    let shade = &subject.states[node.state.index()];
    let status = label::status(table, state);
    let is_said = node.public && label::is_named_like_status(table, state);
    let mut tooltip = label::state_tooltip(table, machine, state);
    for note in &shade.notes {
        tooltip.push('\n');
        tooltip.push_str(note);
    }
    Node {
        id: subject.id_of(node.state).to_owned(),
        label: state.name.clone(),
        sublabel: (!is_said && !subject.is_of_statuses).then(|| format!("shows {status}")),
        status: status.to_owned(),
        kind: state.kind,
        public: node.public,
        place: node.place,
        mark: shade.mark,
        steps: shade.steps.clone(),
        tooltip,
        line: state.span.line,
    }
}

fn shown_cluster(subject: &Subject<'_>, cluster: &Planned) -> Cluster {
    let table = subject.table.as_ref();
    // Groups and kinds are of states; a client knows none.
    let frame = cluster.frame.as_ref().filter(|_| !subject.is_of_statuses);
    let group = frame.and_then(|frame| frame.group.clone());
    let status = cluster.status.map(|status| table.statuses[status.index()].name.clone());
    let names: Vec<&str> = status.iter().chain(&group).map(String::as_str).collect();
    Cluster {
        id: cluster.id(|state| subject.id_of(state)),
        label: names.join(" · "),
        nodes: cluster.states.iter().map(|state| state.index()).collect(),
        is_frame: cluster.frame.is_some(),
        group,
        status,
    }
}

fn shown_arrow(subject: &Subject<'_>, plan: &Plan, arrow: &plan::Arrow) -> Arrow {
    let rows = ways(subject, arrow);
    let steps = Number::together(rows.iter().flat_map(|row| &row.steps).map(|(_, step)| *step));
    let (tail, name) = match arrow.tail {
        plan::Tail::State(state) => (Tail::Node(state.index()), subject.id_of(state).to_owned()),
        plan::Tail::Cluster(at) => (Tail::Cluster(at), plan.clusters[at].id(|state| subject.id_of(state))),
    };
    let course = match arrow.course {
        Course::Path | Course::Forward | Course::Aside => "",
        Course::Again => "-again",
    };
    let kept_apart = match subject.marking {
        Marking::Together => "",
        Marking::Apart => match arrow.mark {
            Mark::Unchanged => "",
            Mark::Plain => "-taken",
            Mark::Added => "-added",
            Mark::Removed => "-removed",
            Mark::Changed => "-changed",
            Mark::Muted => "-muted",
            Mark::Highlighted | Mark::Accepted | Mark::Ignored | Mark::Refused => "-marked",
        },
    };
    Arrow {
        id: format!("{name}-to-{}{course}{kept_apart}", subject.id_of(arrow.to)),
        tail,
        to: arrow.to.index(),
        course: arrow.course,
        words: words(subject, plan, arrow),
        mark: common(&rows),
        rows,
        steps,
        tooltip: label::arrow_tooltip(subject, arrow),
    }
}

/// What stands beside an arrow; what has changed, with what it was.
fn words(subject: &Subject<'_>, plan: &Plan, arrow: &plan::Arrow) -> Vec<String> {
    let mut words = label::words(subject, plan, arrow);
    let was = arrow.rows.iter().filter_map(|(row, _)| subject.rows[*row].was.as_ref());
    for was in was {
        let entry = format!("(was: {was})");
        if !words.contains(&entry) {
            words.push(entry);
        }
    }
    words
}

/// What is said of an arrow: what is said of its rows, the most important first.
fn common(rows: &[Way]) -> Mark {
    let weight = |mark: &Mark| match mark {
        Mark::Highlighted => 2,
        Mark::Muted | Mark::Unchanged => 0,
        Mark::Plain | Mark::Added | Mark::Removed | Mark::Changed | Mark::Accepted | Mark::Ignored | Mark::Refused => 1,
    };
    rows.iter().map(|row| row.mark).max_by_key(weight).unwrap_or_default()
}

/// The rows of an arrow. The cases of one line are one again, unless a view says different things of them.
fn ways(subject: &Subject<'_>, arrow: &plan::Arrow) -> Vec<Way> {
    let mut ways: Vec<(Span, Way)> = Vec::new();
    for (index, states) in &arrow.rows {
        let span = subject.machine.rows[*index].span;
        let way = way(subject, &(*index, states.clone()));
        let is_case = |(line, known): &&mut (Span, Way)| {
            *line == span && Way { cases: Vec::new(), ..known.clone() } == Way { cases: Vec::new(), ..way.clone() }
        };
        match ways.iter_mut().find(is_case) {
            Some((_, known)) => known.cases.extend(way.cases),
            None => ways.push((span, way)),
        }
    }
    ways.into_iter().map(|(_, way)| way).collect()
}

fn way(subject: &Subject<'_>, (index, states): &plan::RowIn) -> Way {
    let (table, machine) = (subject.table.as_ref(), subject.machine.as_ref());
    let row = &machine.rows[*index];
    let dropped = row.drops.iter();
    let line = &subject.rows[*index];
    let at_times = line.at_times.keys().filter(|state| states.contains(state));
    let taken = line.taken.iter().filter(|(state, _)| states.contains(state));
    let steps: Vec<(usize, Number)> = taken.map(|(state, step)| (state.index(), *step)).collect();
    // A trace goes along a row in some state; an arrow that stands for it in others is not gone along.
    let is_passed_by = steps.is_empty() && !line.taken.is_empty();
    Way {
        from: states.iter().map(|state: &StateId| state.index()).collect(),
        cases: row.cubes.iter().map(|cube| label::parts(machine, *cube)).collect(),
        when: row.when.clone(),
        reason: row.reason.map(|id| table.reasons[id.index()].name.clone()),
        sends: row.sends.iter().map(|id| table.messages[id.index()].name.clone()).collect(),
        drops: dropped.map(|id| machine.fact(id).name.clone()).collect(),
        public: row.public,
        at_times: at_times.map(|state| state.index()).collect(),
        mark: if is_passed_by { line.passed_by.unwrap_or(line.mark.passed_by()) } else { line.mark },
        steps,
        line: row.span.line,
    }
}
