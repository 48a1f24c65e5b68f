//! Two sides of a loopback connection, and memories to move between them.

use std::io::Read;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::channel::{Channel, ChannelError, Listener, Raiser, Wait};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::machine::{Attempt, Machine, Raised, Step};
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::states::Role;
use migration_runtime::transfer::{Pace, RawMessage, Received, Receiver, Sender, Sent, Spool};
use vm_memory::{Bytes, GuestAddress, GuestMemoryBackend, GuestMemoryMmap, GuestMemoryRegion};

/// No test waits longer than this for a peer: it would be a failure.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// An interrupt that nobody raises.
pub(super) static NEVER: LazyLock<Raiser> = LazyLock::new(|| Raiser::new().unwrap());

/// A wait as long as a test has patience.
pub(super) fn patiently() -> Wait<'static> {
    Wait::new(&*NEVER, PATIENCE)
}

pub(super) const PAGE: u64 = 4096;

/// Three regions with holes between them, none of a size that fits anything.
pub(super) const REGIONS: [(u64, u64); 3] = [(0, 300), (301, 77), (4096, 1030)];

/// The memory of a guest, as a VMM has it.
pub(super) type Ram = GuestMemoryMmap<()>;

pub(super) fn memory() -> Arc<Ram> {
    let regions = REGIONS.map(|(page, pages)| (GuestAddress(page * PAGE), (pages * PAGE) as usize));
    Arc::new(Ram::from_ranges(&regions).unwrap())
}

/// A memory of data, with single pages and long runs of zeroes in it.
pub(super) fn filled_memory() -> Arc<Ram> {
    let memory = memory();
    let layout = Layout::of(&Memory::of(&memory)).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    for region in layout.regions() {
        for page in 0..region.bytes / PAGE {
            if page % 7 == 3 || (100..170).contains(&page) {
                continue;
            }
            let mut bytes = [0; PAGE as usize];
            random.fill(&mut bytes);
            memory.write_slice(&bytes, GuestAddress(region.start + page * PAGE)).unwrap();
        }
    }
    // A page with nothing but its last byte.
    memory.write_obj(1_u8, GuestAddress(104 * PAGE - 1)).unwrap();
    memory
}

pub(super) fn contents(memory: &Ram) -> Vec<u8> {
    let mut all = Vec::new();
    for region in memory.iter() {
        let start = all.len();
        all.resize(start + region.len() as usize, 0);
        memory.read_slice(&mut all[start..], region.start_addr()).unwrap();
    }
    all
}

pub(super) fn all_pages(memory: &Arc<Ram>) -> DirtyBitmap {
    let mut dirty = DirtyBitmap::new(&Layout::of(&Memory::of(memory)).unwrap());
    dirty.set_all();
    dirty
}

pub(super) fn tcp_pair() -> (Channel, Channel) {
    pair(&"tcp:127.0.0.1:0".parse().unwrap())
}

pub(super) fn pair(address: &Address) -> (Channel, Channel) {
    let wait = patiently();
    let listener = Listener::bind(address, &wait).unwrap();
    let source = Channel::connect(listener.address(), &wait).unwrap();
    (source, listener.accept(&wait).unwrap())
}

pub(super) fn sender() -> Sender {
    let parameters = Parameters::default();
    parameters.set_max_bandwidth(0);
    Sender::new(Arc::new(parameters), Arc::new(Progress::new()))
}

pub(super) fn receiver(memory: &Arc<Ram>) -> Receiver {
    let memory = Memory::of(memory);
    Receiver::new(&memory, &Layout::of(&memory).unwrap(), Arc::new(Progress::new()))
}

/// Sends a whole guest.
pub(super) fn send_all(mut channel: Channel, memory: &Arc<Ram>, state: &[u8]) -> Result<(), ChannelError> {
    let wait = patiently();
    let mut sender = sender();
    let mut dirty = all_pages(memory);
    let sent = [
        sender.send_round(&mut channel, &Memory::of(memory), &mut dirty, Pace::Unbounded, &wait)?,
        sender.end_memory(&mut channel, &wait)?,
        sender.send_state(&mut channel, state, &wait)?,
        sender.end_state(&mut channel, &wait)?,
    ];
    assert_eq!(sent, [Sent::All; 4]);
    channel.finish(&wait)
}

/// Receives until the device state has come or something fails.
pub(super) fn receive_all(mut channel: Channel, memory: &Arc<Ram>) -> Result<Vec<Got>, ChannelError> {
    let wait = patiently();
    let mut receiver = receiver(memory);
    let mut received = Vec::new();
    loop {
        received.push(got(receiver.next(&mut channel, &wait)?));
        if matches!(received.last(), Some(Got::State(_))) {
            return Ok(received);
        }
    }
}

/// What a receiver told, to be compared.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Got {
    Message(RawMessage),
    RoundEnd(u64),
    MemoryEnd,
    StateRound(Vec<u8>),
    State(Vec<u8>),
}

pub(super) fn got(received: Received) -> Got {
    let all = |mut section: Spool| {
        let mut bytes = Vec::new();
        section.read_to_end(&mut bytes).unwrap();
        bytes
    };
    match received {
        Received::Message(message) => Got::Message(message),
        Received::RoundEnd { round } => Got::RoundEnd(round),
        Received::MemoryEnd => Got::MemoryEnd,
        Received::StateRound(section) => Got::StateRound(all(section)),
        Received::State(section) => Got::State(all(section)),
    }
}

pub(super) fn accepted(raised: Raised) -> Attempt {
    let Raised::Accepted(attempt) = raised else { panic!("{raised:?}") };
    attempt
}

/// Prints what happens, for whoever reads why a test fails.
pub(super) fn show<R: Role>(machine: &Machine<R>) {
    machine.subscribe(|step| match step {
        Step::Fired { from, transition, .. } => println!("{}: {from} to {}", R::NAME, transition.to),
        Step::Reported { event, cause: Some(cause), .. } => println!("{}: {event}: {cause}", R::NAME),
        Step::Reported { .. } | Step::Raised { .. } | Step::Unsent { .. } => {}
    });
}

pub(super) fn listen() -> Listener {
    Listener::bind(&"tcp:127.0.0.1:0".parse().unwrap(), &patiently()).unwrap()
}

/// Runs a peer on a thread of its own while `here` runs on this one.
pub(super) fn beside<T: Send, U>(peer: impl FnOnce() -> T + Send, here: impl FnOnce() -> U) -> (T, U) {
    thread::scope(|scope| {
        let peer = scope.spawn(peer);
        let here = here();
        (peer.join().unwrap(), here)
    })
}
