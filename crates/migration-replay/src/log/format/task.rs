//! Logs of programs that ask for the status now and then and write what they are told in words of their own: the tasks
//! of Proxmox, and Nova of OpenStack.
//!
//! Which words are statuses is said by the table. Each is the reply to a query: what happened between two of them, and
//! which commands were given, is not in such a log.

use serde_json::json;

use super::definition::{Format, Read, Taken};
use super::memory::Memory;
use crate::log::line::{Message, Origin};
use crate::log::text::value_of;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "log of a task",
    doc: "`qm migrate` of Proxmox and `nova-compute` of OpenStack: the statuses that they were told now and then; each \
          `[instance: ...]` of Nova is a process of its own",
    sample: "2024-01-01 12:00:03 migration active, transferred 112.5 MiB of 4.0 GiB VM-state, 113.3 MiB/s\n\
             2024-01-01 12:00:05 migration status: completed\n",
    read: Read::Record(read),
};

/// What stands before a status of Proxmox, and after it.
const STATUSES: &[(&str, &str)] =
    &[("migration status: ", ""), ("migration status error: ", ""), ("migration ", ", transferred ")];
/// What stands before the end of a job of libvirt, as Nova logs it.
const ENDS: &[&str] = &["Migration operation has ", "Migration operation was "];
/// How Nova says how far a migration is.
const PROGRESS: &str = "Migration running for ";
/// Before the guest.
const INSTANCE: &str = "[instance: ";

const NO_STATUS: &str = "Nova logs how a job of libvirt goes, which is not the status: record \
                         `virsh qemu-monitor-event --loop`, or give the log of libvirt";

fn read(_: &mut Memory, line: &str, origin: &mut Origin, names: &Names) -> Taken {
    let told = STATUSES.iter().find_map(|(before, after)| status(line, before, after, names));
    let told = told.or_else(|| ENDS.iter().find_map(|before| status(line, before, "", names)));
    let Some(status) = told else {
        let is_nova = line.contains(PROGRESS) || ENDS.iter().any(|end| line.contains(end));
        return if is_nova { Taken::Unreadable(NO_STATUS) } else { Taken::No };
    };
    if let Some(instance) = value_of(line, INSTANCE) {
        origin.process = instance.to_owned();
    }
    let body = json!({ "return": { names.wire.member.as_str(): status } });
    let name = || names.wire.query.clone();
    let command = Message::Command { name: name(), arguments: json!({}), out_of_band: false, tag: None };
    Taken::Said(vec![command, Message::Return { name: Some(name()), tag: None, body }])
}

/// The word between these two, if it is a status.
fn status<'l>(line: &'l str, before: &str, after: &str, names: &Names) -> Option<&'l str> {
    let (_, rest) = line.split_once(before)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let (word, rest) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
    (!word.is_empty() && rest.starts_with(after) && names.may_be_status(word)).then_some(word)
}
