//! Signals before exec. They are blocked and read from a descriptor, so that no handler is ever
//! installed and nothing can happen between two instructions that matter.

#![expect(
    unsafe_code,
    reason = "the crate's one place: SIGPIPE's disposition and who looks at it before main, a descriptor lent \
              to tokio, the child's mask"
)]

use std::fs;
use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::pin::pin;
use std::process::{self, Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, raise, signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Signals that ask a process to end, and that people and runtimes send.
const ENDING: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
];

/// What httpd's images, and PHP's with it, have for `STOPSIGNAL`. To all others it says that a terminal
/// has another size, and nobody ends by it; so to env-exec where it is not the first process, as in a
/// pod with `shareProcessNamespace`.
const WINDOW_CHANGED: Signal = Signal::SIGWINCH;

/// Signals that are held back until somebody looks.
pub(crate) struct Signals {
    descriptor: SignalFd,
    original: SigSet,
}

impl Signals {
    /// Holds back the signals that would end the process, and `more`. What was ignored or blocked
    /// when the process started stays so: `nohup` means what it says.
    pub(crate) fn hold(more: &[Signal]) -> io::Result<Self> {
        let blocked = SigSet::thread_get_mask()?;
        let ignored = ignored();
        let mut held = SigSet::empty();
        let is_stopped_by_it = process::id() == 1 && !io::stdin().is_terminal();
        let stops = is_stopped_by_it.then_some(WINDOW_CHANGED);
        for signal in ENDING.into_iter().chain(stops) {
            let is_ignored = ignored & (1 << (signal as u32 - 1)) != 0;
            if !is_ignored && !blocked.contains(signal) {
                held.add(signal);
            }
        }
        for signal in more {
            held.add(*signal);
        }
        let original = held.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let descriptor = SignalFd::with_flags(&held, flags)?;
        Ok(Self {
            descriptor,
            original,
        })
    }

    /// A signal that has come, if one has.
    pub(crate) fn pending(&self) -> Option<Signal> {
        let information = self.descriptor.read_signal().ok().flatten()?;
        Signal::try_from(i32::try_from(information.ssi_signo).ok()?).ok()
    }

    /// Waits that long, or until a signal comes.
    pub(crate) fn wait(&self, pause: Duration) -> Option<Signal> {
        let end = Instant::now() + pause;
        loop {
            if let Some(signal) = self.pending() {
                return Some(signal);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let mut descriptors = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)];
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            if !matches!(poll(&mut descriptors, timeout), Ok(_) | Err(Errno::EINTR)) {
                return None;
            }
        }
    }

    /// What to poll for the next signal.
    pub(crate) fn descriptor(&self) -> &SignalFd {
        &self.descriptor
    }

    /// Runs a future until it is ready or a signal comes. Needs tokio's reactor.
    pub(crate) async fn or<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> io::Result<Result<T, Signal>> {
        let borrowed = self.descriptor.as_fd();
        // SAFETY: the borrow keeps the descriptor open, and the same, until `descriptor` is dropped
        // at the end of this function.
        let registered = unsafe { AsyncFd::register_with_interest(borrowed, Interest::READABLE) };
        let descriptor = registered?;
        let signal = async {
            loop {
                let mut ready = descriptor.readable().await?;
                match self.pending() {
                    Some(signal) => return Ok(signal),
                    None => ready.clear_ready(),
                }
            }
        };
        match select(pin!(future), pin!(signal)).await {
            Either::Left((value, _)) => Ok(Ok(value)),
            Either::Right((signal, _)) => signal.map(Err),
        }
    }

    /// Lets signals through again, as it was when the process started.
    pub(crate) fn release(self) -> io::Result<()> {
        drop(self.descriptor);
        Ok(self.original.thread_set_mask()?)
    }

    /// Lets signals through in a child as it was when this process started, and ends the child
    /// with us.
    pub(crate) fn release_in(&self, command: &mut Command) {
        let original = self.original;
        let prepare = move || {
            original.thread_set_mask()?;
            Ok(prctl::set_pdeathsig(Signal::SIGKILL)?)
        };
        // SAFETY: between fork and exec the closure makes two system calls and allocates nothing.
        unsafe { command.pre_exec(prepare) };
    }

    /// Ends the process as the signal would have ended it. Returns only as the first process of a
    /// PID namespace, which the kernel shields from its own signals; then with what a shell shows.
    pub(crate) fn die(self, signal: Signal) -> ExitCode {
        // Whatever goes wrong here, the code says which signal it was.
        let _ = self.release().and_then(|()| Ok(raise(signal)?));
        ExitCode::from(128_u8.wrapping_add(signal as u8))
    }
}

/// Whether SIGPIPE was ignored when the process started, as systemd has it for its services.
static IGNORED_SIGPIPE: AtomicBool = AtomicBool::new(false);

extern "C" fn note_sigpipe() {
    let mut found = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new disposition the call only writes the old one, into memory that is ours; all
    // zeros are a valid value, should it fail.
    let found = unsafe {
        libc::sigaction(libc::SIGPIPE, std::ptr::null(), found.as_mut_ptr());
        found.assume_init()
    };
    IGNORED_SIGPIPE.store(found.sa_sigaction == libc::SIG_IGN, Ordering::Relaxed);
}

/// libc calls what is in this section before `main`, and so before Rust's runtime ignores SIGPIPE.
// SAFETY: the section holds pointers to functions of this kind, and the function needs nothing that
// would not be there yet.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = note_sigpipe;

/// Rust's runtime ignores SIGPIPE, and exec would hand that on to the program, which would miss it.
pub(crate) fn restore_sigpipe() {
    if IGNORED_SIGPIPE.load(Ordering::Relaxed) {
        return;
    }
    // SAFETY: the default disposition is no handler of ours, so nothing can run at a bad moment.
    let result = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    debug_assert!(result.is_ok(), "SIGPIPE can always be reset");
}

/// `SigIgn` of this process, one bit a signal; none where there is no `/proc`.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default()
}
