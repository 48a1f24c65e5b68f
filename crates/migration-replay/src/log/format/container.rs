//! What container runtimes put before a line: `TIME stdout F `, `[pod/NAME/CONTAINER] ` and `NAME  | `.
//!
//! A runtime cuts long lines into parts, all but the last of which are marked `P`.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;
use crate::log::time;

pub(super) const FORMAT: Format = Format {
    name: "container log",
    doc: "lines of containers as their runtime, `kubectl logs --prefix` and `docker compose logs` write them",
    sample: "2024-04-25T17:00:00.100000000Z stdout F {\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n",
    read: Read::Envelope(read),
};

/// The longest line that is put together from parts.
const PARTS_BYTES_MAX: usize = 16 << 20;

fn read<'l>(memory: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    let parts = &mut memory.container.parts;
    if let Some((time, is_part, rest)) = cri(line) {
        origin.time = Some(time);
        if is_part {
            if parts.len() < PARTS_BYTES_MAX {
                parts.push_str(rest);
            }
            return Some(Cow::Borrowed(""));
        }
        return Some(if parts.is_empty() { Cow::Borrowed(rest) } else { Cow::Owned(std::mem::take(parts) + rest) });
    }
    // `kubectl logs --timestamps` writes the time alone.
    if let Some((when, rest)) = line.split_once(' ')
        && rest.starts_with('{')
        && let Some(when) = time::date(when)
    {
        origin.time = Some(when);
        return Some(Cow::Borrowed(rest));
    }
    // Each container has processes of its own, whatever they are called in it.
    let (host, rest) = pod(line).or_else(|| service(line))?;
    origin.host = host.to_owned();
    Some(Cow::Borrowed(rest))
}

/// `2024-04-25T17:00:00.1Z stdout F rest`.
fn cri(line: &str) -> Option<(f64, bool, &str)> {
    let (time, rest) = line.split_once(' ')?;
    let rest = rest.strip_prefix("stdout ").or_else(|| rest.strip_prefix("stderr "))?;
    let (mark, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = match mark {
        "P" => true,
        "F" => false,
        _ => return None,
    };
    Some((time::date(time)?, is_part, rest))
}

/// `[pod/NAME/CONTAINER] rest`.
fn pod(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("[pod/")?.split_once("] ")?;
    Some((name, rest))
}

/// `NAME  | rest`.
fn service(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(" | ")?;
    let name = name.trim_end();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then_some((name, rest))
}
