//! Measures how long a thread waits for a page of a post-copy, beside the least that this machine needs for it.
//!
//! The floor is bare: a thread waits for faults, sends eight bytes over TCP, reads a page and fills it. Ours has the
//! protocol, the books and several connections in between. Both are in this process, over loopback, and each is measured
//! alone and, ours also, while the rest of the memory is pushed. `postcopy PAGES` prints a line for each: its name, and
//! the microseconds of every wait.
#![expect(unsafe_code, reason = "the floor calls the kernel itself")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use linux_raw_sys::general as uapi;
use linux_raw_sys::ioctl::{UFFDIO_API, UFFDIO_COPY, UFFDIO_REGISTER};
use migration_runtime::channel::{Channel, Listener, Raiser, Wait};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::postcopy::{Fetch, Supply};
use migration_runtime::transfer::Sent;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::ioctl::{Opcode, Updater, ioctl};
use rustix::mm::{UserfaultfdFlags, userfaultfd};
use vm_memory::{Bytes, GuestAddress, GuestMemoryBackend, GuestMemoryMmap};

type Ram = GuestMemoryMmap<()>;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PAGE: u64 = 4096;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> Result<()> {
    let pages = std::env::args().nth(1).map_or(Ok(2000), |text| text.parse())?;
    if let Err(error) = Fetch::check_host() {
        println!("skipped: {error}");
        return Ok(());
    }
    print("floor", &floor(pages)?);
    print("ours", &ours(pages, Push::No)?);
    print("ours-beside-push", &ours(pages, Push::Yes)?);
    Ok(())
}

/// Whether the rest is pushed while pages are waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Push {
    Yes,
    No,
}

fn print(name: &str, waits: &[Duration]) {
    print!("{name}");
    for wait in waits {
        print!(" {:.1}", wait.as_secs_f64() * 1e6);
    }
    println!();
}

/// Memory of twice as many pages as will be touched, none of them zero.
fn filled(pages: u64) -> Result<Arc<Ram>> {
    let ram = fresh(pages)?;
    for page in 0..2 * pages {
        ram.write_slice(&[page as u8 | 1; PAGE as usize], GuestAddress(page * PAGE))?;
    }
    Ok(ram)
}

fn fresh(pages: u64) -> Result<Arc<Ram>> {
    Ok(Arc::new(Ram::from_ranges(&[(GuestAddress(0), (2 * pages * PAGE) as usize)])?))
}

/// Touches every other page in an order that nothing can foresee, and times each.
fn touch(ram: &Ram, pages: u64) -> Result<Vec<Duration>> {
    let mut order: Vec<u64> = (0..pages).map(|page| 2 * page).collect();
    fastrand::Rng::with_seed(1).shuffle(&mut order);
    order
        .into_iter()
        .map(|page| {
            let began = Instant::now();
            let byte: u8 = ram.read_obj(GuestAddress(page * PAGE))?;
            let waited = began.elapsed();
            assert_eq!(byte, page as u8 | 1, "page {page}");
            Ok(waited)
        })
        .collect()
}

fn ours(pages: u64, push: Push) -> Result<Vec<Duration>> {
    let (source, destination) = (filled(pages)?, fresh(pages)?);
    let mut missing = DirtyBitmap::new(&Layout::of(&Memory::of(&source))?);
    missing.set_all();
    let supply = Supply::new(&Memory::of(&source), missing.clone())?;
    let fetch = Fetch::begin(&Memory::of(&destination), missing)?;
    let never = Raiser::new()?;
    let ((mut main, mut there), (answers, asks)) = (connect(&never)?, connect(&never)?);
    supply.connect(answers, &main)?;
    fetch.connect(asks, &there)?;
    let wait = || Wait::new(&never, PATIENCE);
    thread::scope(|scope| {
        let receives = scope.spawn(|| fetch.receive(&mut there, &wait()));
        if push == Push::No {
            let waits = touch(&destination, pages)?;
            assert_eq!(supply.push(&mut main, &wait())?, Sent::All);
            receives.join().expect("receiving does not panic")?;
            return Ok(waits);
        }
        let pushes = scope.spawn(|| supply.push(&mut main, &wait()));
        let waits = touch(&destination, pages)?;
        assert_eq!(pushes.join().expect("pushing does not panic")?, Sent::All);
        receives.join().expect("receiving does not panic")?;
        // Pages that were here already were not waited for.
        Ok(waits.into_iter().filter(|wait| *wait > Duration::from_micros(5)).collect())
    })
}

fn connect(never: &Raiser) -> Result<(Channel, Channel)> {
    let wait = Wait::new(never, PATIENCE);
    let listener = Listener::bind(&"tcp:127.0.0.1:0".parse()?, &wait)?;
    let source = Channel::connect(listener.address(), &wait)?;
    Ok((source, listener.accept(&wait)?))
}

fn floor(pages: u64) -> Result<Vec<Duration>> {
    let (source, destination) = (filled(pages)?, fresh(pages)?);
    let base = destination.get_host_address(GuestAddress(0))? as u64;
    let uffd = watch(base, 2 * pages * PAGE)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut asks = TcpStream::connect(listener.local_addr()?)?;
    let (mut answers, _) = listener.accept()?;
    asks.set_nodelay(true)?;
    answers.set_nodelay(true)?;
    thread::spawn(move || {
        let (mut request, mut page) = ([0; 8], vec![0; PAGE as usize]);
        while answers.read_exact(&mut request).is_ok() {
            source.read_slice(&mut page, GuestAddress(u64::from_le_bytes(request))).expect("a page of the memory");
            if answers.write_all(&page).is_err() {
                break;
            }
        }
    });
    let keeps = Arc::clone(&destination);
    thread::spawn(move || {
        let _keeps = keeps;
        let mut page = vec![0; PAGE as usize];
        for _ in 0..pages {
            let address = next_fault(&uffd) / PAGE * PAGE;
            asks.write_all(&(address - base).to_le_bytes()).expect("the other thread reads");
            asks.read_exact(&mut page).expect("the other thread answers");
            let (dst, src) = (address, page.as_ptr() as u64);
            let mut copy = uapi::uffdio_copy { dst, src, len: PAGE, mode: 0, copy: 0 };
            // SAFETY: the page is within the registered memory, which lives as long as this thread.
            unsafe { ioctl(&uffd, Updater::<{ UFFDIO_COPY as Opcode }, _>::new(&mut copy)) }.expect("it was missing");
        }
    });
    touch(&destination, pages)
}

fn watch(start: u64, len: u64) -> Result<OwnedFd> {
    // SAFETY: the descriptor alone does nothing.
    let uffd = unsafe { userfaultfd(UserfaultfdFlags::CLOEXEC | UserfaultfdFlags::NONBLOCK) }?;
    let mut api = uapi::uffdio_api { api: uapi::UFFD_API.into(), features: 0, ioctls: 0 };
    // SAFETY: the opcode takes this structure.
    unsafe { ioctl(&uffd, Updater::<{ UFFDIO_API as Opcode }, _>::new(&mut api)) }?;
    let range = uapi::uffdio_range { start, len };
    let mut register = uapi::uffdio_register { range, mode: uapi::UFFDIO_REGISTER_MODE_MISSING.into(), ioctls: 0 };
    // SAFETY: the opcode takes this structure; the memory is looked at through volatile accesses.
    unsafe { ioctl(&uffd, Updater::<{ UFFDIO_REGISTER as Opcode }, _>::new(&mut register)) }?;
    Ok(uffd)
}

fn next_fault(uffd: &OwnedFd) -> u64 {
    loop {
        let mut message = [0; 32];
        poll(&mut [PollFd::new(uffd, PollFlags::IN)], None).expect("the kernel tells of faults");
        if rustix::io::read(uffd, &mut message).is_ok_and(|bytes| bytes == message.len()) {
            return u64::from_le_bytes(message[16..24].try_into().expect("eight bytes"));
        }
    }
}
