//! Wakers of both sides: how often they are cloned, woken and dropped, and that a foreign one keeps its identity.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use rmix_abi::tables::{AbiWaker, WakeVt};

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn own_waker_is_counted_like_the_standard_waker_it_is() {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    assert_eq!(Arc::strong_count(&woken), 2);

    let lent = AbiWaker::lend(&waker);
    assert_eq!(Arc::strong_count(&woken), 2, "lending costs nothing");
    let kept = lent.clone();
    assert_eq!(Arc::strong_count(&woken), 3);
    assert!(kept.will_wake(&lent));
    let standard = kept.to_std();
    assert_eq!(Arc::strong_count(&woken), 4);
    assert!(standard.will_wake(&waker), "it is the same standard waker");
    kept.with_std(|borrowed| assert!(borrowed.will_wake(&waker)));
    assert_eq!(Arc::strong_count(&woken), 4, "borrowing costs nothing");

    lent.wake_by_ref();
    standard.wake();
    kept.wake();

    assert_eq!(woken.0.load(Ordering::Relaxed), 3);
    assert_eq!(
        Arc::strong_count(&woken),
        2,
        "wakers that were used up are freed"
    );
    drop(waker);
    assert_eq!(Arc::strong_count(&woken), 1);
}

/// What a foreign waker's functions were called for.
#[derive(Default)]
struct Counts {
    clones: AtomicUsize,
    wakes: AtomicUsize,
    drops: AtomicUsize,
}

impl Counts {
    fn now(&self) -> (usize, usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        (count(&self.clones), count(&self.wakes), count(&self.drops))
    }
}

/// An `AbiWaker` as the other side writes it down.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawWaker {
    words: [*const (); 2],
    vt: *const WakeVt,
}

static FOREIGN: WakeVt = WakeVt {
    size: size_of::<WakeVt>(),
    clone: clone_foreign,
    wake_by_ref: wake_foreign,
    drop: drop_foreign,
};

fn foreign(counts: &Counts) -> AbiWaker {
    let raw = RawWaker {
        words: [std::ptr::from_ref(counts).cast(), std::ptr::null()],
        vt: &FOREIGN,
    };
    // SAFETY: both are the same three words.
    unsafe { std::mem::transmute::<RawWaker, AbiWaker>(raw) }
}

/// # Safety
/// `waker` was made by `foreign` from counts that still live.
unsafe fn counts<'a>(waker: *const AbiWaker) -> &'a Counts {
    // SAFETY: the caller vouches for it.
    unsafe { &*(*waker.cast::<RawWaker>()).words[0].cast::<Counts>() }
}

unsafe extern "C" fn clone_foreign(waker: *const AbiWaker, out: *mut AbiWaker) {
    // SAFETY: only wakers of `foreign` carry this function; the caller has room for one.
    unsafe {
        counts(waker).clones.fetch_add(1, Ordering::Relaxed);
        out.cast::<RawWaker>().write(*waker.cast::<RawWaker>());
    }
}

unsafe extern "C" fn wake_foreign(waker: *const AbiWaker) {
    // SAFETY: as above.
    unsafe { counts(waker) }
        .wakes
        .fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn drop_foreign(waker: *mut AbiWaker) {
    // SAFETY: as above.
    unsafe { counts(waker) }
        .drops
        .fetch_add(1, Ordering::Relaxed);
}

#[test]
fn foreign_waker_is_cloned_woken_and_dropped_by_its_own_functions() {
    let counts = Counts::default();
    let waker = foreign(&counts);

    let copy = waker.clone();
    assert_eq!(counts.now(), (1, 0, 0));
    assert!(copy.will_wake(&waker));
    waker.wake_by_ref();
    assert_eq!(counts.now(), (1, 1, 0));
    copy.wake();
    assert_eq!(counts.now(), (1, 2, 1));
    drop(waker);

    assert_eq!(counts.now(), (1, 2, 2));
}

#[test]
fn foreign_waker_as_a_standard_one_balances_its_clones_and_drops() {
    let counts = Counts::default();
    let waker = foreign(&counts);

    let standard = waker.to_std();
    let second = standard.clone();
    assert_eq!(counts.now(), (2, 0, 0));
    standard.wake_by_ref();
    second.wake();
    assert_eq!(counts.now(), (2, 2, 1));
    waker.with_std(Waker::wake_by_ref);
    drop(standard);
    drop(waker);

    let (clones, wakes, drops) = counts.now();
    assert_eq!(wakes, 3);
    assert_eq!(drops, clones + 1, "each copy once, and the original");
}

#[test]
fn foreign_waker_that_comes_back_is_lent_as_what_it_is() {
    let counts = Counts::default();
    let waker = foreign(&counts);
    let standard = waker.to_std();

    let lent = AbiWaker::lend(&standard);

    assert!(lent.will_wake(&waker));
    assert_eq!(counts.now(), (1, 0, 0));
}

#[test]
fn waker_that_panics_does_not_unwind_across() {
    struct Bomb;
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            panic!("while woken");
        }
    }
    let waker = Waker::from(Arc::new(Bomb));

    let result = catch_unwind(AssertUnwindSafe(|| AbiWaker::lend(&waker).wake_by_ref()));

    assert!(result.is_ok());
}
