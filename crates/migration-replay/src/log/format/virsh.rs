//! What `virsh qemu-monitor-event` prints: the name of an event, and what came with it as an object or `<null>`.

use serde_json::Value;

use super::definition::{Format, Read, Taken};
use super::memory::Memory;
use crate::log::line::{Holds, Message, Origin};
use crate::log::time;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "virsh qemu-monitor-event",
    doc: "with and without `--timestamp` and `--pretty`; each domain is a process of its own",
    sample: "event MIGRATION at 1698405797.422823 for domain 'vm1': {\"status\":\"setup\"}\n",
    read: Read::Record(read),
};

/// What is said of `virsh event`, which puts the name of an event in quotes.
const OF_LIBVIRT: &str = "`virsh event` shows what libvirt did and no status: record `virsh qemu-monitor-event --loop`";

fn read(_: &mut Memory, line: &str, origin: &mut Origin, _: &Names) -> Taken {
    let Some((at, event, when, domain)) = parts(line) else { return Taken::No };
    if event.starts_with('\'') {
        return Taken::Unreadable(OF_LIBVIRT);
    }
    origin.is_record = true;
    origin.process = domain.to_owned();
    let before = line.split("event ").next().unwrap_or_default().trim().trim_end_matches(':');
    origin.time = when.and_then(|when| when.parse().ok()).or_else(|| time::date(before)).or(origin.time);
    if line[at..].trim_start().starts_with('{') {
        return Taken::Object(at, Holds::Data { event: event.to_owned() });
    }
    Taken::Said(vec![Message::Event { name: event.to_owned(), data: Value::Null, stamp: None, is_late: false }])
}

/// `event NAME [at TIME] for domain 'DOMAIN': `: where what comes with it begins, the name, the time and the domain.
fn parts(line: &str) -> Option<(usize, &str, Option<&str>, &str)> {
    let start = line.find("event ").filter(|at| *at == 0 || line[..*at].ends_with(": "))?;
    let (head, tail) = line[start + "event ".len()..].split_once(" for domain ")?;
    let mut words = head.split(' ');
    let (name, when) = match (words.next()?, words.next(), words.next(), words.next()) {
        (name, None, ..) => (name, None),
        (name, Some("at"), Some(when), None) => (name, Some(when)),
        _ => return None,
    };
    let (domain, rest) = match tail.strip_prefix('\'') {
        Some(quoted) => quoted.split_once("':")?,
        None => tail.split_once(':')?,
    };
    Some((line.len() - rest.len(), name, when, domain.trim_matches('\'')))
}
