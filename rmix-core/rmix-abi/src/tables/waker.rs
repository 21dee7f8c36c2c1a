//! Wakers that cross the boundary without an allocation.

use std::mem::ManuallyDrop;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// A waker of the side that made it: two words of its own and a table.
///
/// ```text
/// offset 0   words[2]  meaning known to the maker only; equal words and table = same waker
/// offset 16  vt        clone, wake, drop
/// ```
#[repr(C)]
pub struct AbiWaker {
    pub(crate) words: [*const (); 2],
    pub(crate) vt: *const WakeVt,
}

/// What can be done with an [`AbiWaker`].
#[repr(C)]
pub struct WakeVt {
    /// `size_of::<WakeVt>()` of the side that filled it.
    pub size: usize,
    /// Writes an owned copy to the second argument.
    pub clone: unsafe extern "C" fn(*const AbiWaker, *mut AbiWaker),
    /// Wakes; may be called from any thread, never blocks.
    pub wake_by_ref: unsafe extern "C" fn(*const AbiWaker),
    /// Frees an owned waker.
    pub drop: unsafe extern "C" fn(*mut AbiWaker),
}

// SAFETY: wakers wake from any thread: a rule of the boundary, and true of `std::task::Waker`.
unsafe impl Send for AbiWaker {}
// SAFETY: as above.
unsafe impl Sync for AbiWaker {}

impl AbiWaker {
    /// Lends `waker` for one poll.
    pub fn lend(waker: &Waker) -> BorrowedWaker<'_> {
        // A std waker made from a foreign one by `to_std` is passed on as what it is.
        if std::ptr::eq(waker.vtable(), &FOREIGN) {
            // SAFETY: our own vtable marks data made by `to_std`: a live boxed `AbiWaker`.
            let inner = unsafe { &*waker.data().cast::<AbiWaker>() };
            return BorrowedWaker::of(inner);
        }
        BorrowedWaker {
            waker: ManuallyDrop::new(AbiWaker {
                words: [waker.data(), std::ptr::from_ref(waker.vtable()).cast()],
                vt: &STD_VT,
            }),
            life: std::marker::PhantomData,
        }
    }

    /// Whether both wake the same task.
    pub fn will_wake(&self, other: &AbiWaker) -> bool {
        self.words == other.words && std::ptr::eq(self.vt, other.vt)
    }

    /// Wakes the task.
    pub fn wake_by_ref(&self) {
        // SAFETY: the table belongs to the waker's maker and outlives the waker.
        unsafe { ((*self.vt).wake_by_ref)(self) }
    }

    /// Wakes the task and frees the waker.
    pub fn wake(self) {
        self.wake_by_ref();
    }

    /// Lends a standard waker for the same task to `f`; cheaper than [`AbiWaker::to_std`] for a waker of this side.
    pub fn with_std<R>(&self, f: impl FnOnce(&Waker) -> R) -> R {
        if std::ptr::eq(self.vt, &STD_VT) {
            // SAFETY: our own table marks words that are a live standard waker of this side's code.
            return f(&unsafe { as_std(self) }.0);
        }
        f(&self.to_std())
    }

    /// A standard waker for the same task, for futures written against `std::task`.
    pub fn to_std(&self) -> Waker {
        if std::ptr::eq(self.vt, &STD_VT) {
            // SAFETY: our own table marks words that are a live standard waker of this side's code.
            return unsafe { as_std(self) }.deref_clone();
        }
        let boxed = Box::into_raw(Box::new(self.clone()));
        // SAFETY: `FOREIGN` treats the data as exactly this box.
        unsafe { Waker::from_raw(RawWaker::new(boxed.cast(), &FOREIGN)) }
    }
}

impl Clone for AbiWaker {
    fn clone(&self) -> AbiWaker {
        let mut copy = std::mem::MaybeUninit::<AbiWaker>::uninit();
        // SAFETY: the maker's function fills the copy in.
        unsafe {
            ((*self.vt).clone)(self, copy.as_mut_ptr());
            copy.assume_init()
        }
    }
}

impl Drop for AbiWaker {
    fn drop(&mut self) {
        // SAFETY: an owned waker is freed once, by its maker's function.
        unsafe { ((*self.vt).drop)(self) }
    }
}

impl std::fmt::Debug for AbiWaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AbiWaker({:p})", self.words[0])
    }
}

/// An [`AbiWaker`] that is not freed: it belongs to a standard waker that outlives it.
pub struct BorrowedWaker<'a> {
    waker: ManuallyDrop<AbiWaker>,
    life: std::marker::PhantomData<&'a ()>,
}

impl BorrowedWaker<'_> {
    fn of(inner: &AbiWaker) -> BorrowedWaker<'_> {
        BorrowedWaker {
            waker: ManuallyDrop::new(AbiWaker {
                words: inner.words,
                vt: inner.vt,
            }),
            life: std::marker::PhantomData,
        }
    }
}

impl std::ops::Deref for BorrowedWaker<'_> {
    type Target = AbiWaker;
    fn deref(&self) -> &AbiWaker {
        &self.waker
    }
}

static STD_VT: WakeVt = WakeVt {
    size: size_of::<WakeVt>(),
    clone: std_clone,
    wake_by_ref: std_wake,
    drop: std_drop,
};

/// A standard waker seen through its words; not dropped here.
struct AsStd(ManuallyDrop<Waker>);

impl AsStd {
    fn deref_clone(&self) -> Waker {
        (*self.0).clone()
    }
}

/// # Safety
/// `waker` carries `STD_VT`, so its words are the parts of a live standard waker of this side.
unsafe fn as_std(waker: *const AbiWaker) -> AsStd {
    // SAFETY: the words were taken from `Waker::data` and `Waker::vtable`, which live for ever.
    unsafe {
        let [data, vtable] = (*waker).words;
        AsStd(ManuallyDrop::new(Waker::new(
            data,
            &*vtable.cast::<RawWakerVTable>(),
        )))
    }
}

unsafe extern "C" fn std_clone(waker: *const AbiWaker, out: *mut AbiWaker) {
    // SAFETY: only reached through `STD_VT`.
    let copy = ManuallyDrop::new(unsafe { as_std(waker) }.deref_clone());
    let words = [copy.data(), std::ptr::from_ref(copy.vtable()).cast()];
    // SAFETY: the caller passes room for one waker.
    unsafe { out.write(AbiWaker { words, vt: &STD_VT }) };
}

unsafe extern "C" fn std_wake(waker: *const AbiWaker) {
    // SAFETY: only reached through `STD_VT`.
    let waker = unsafe { as_std(waker) };
    if let Err(panic) =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| waker.0.wake_by_ref()))
    {
        std::mem::forget(panic);
    }
}

unsafe extern "C" fn std_drop(waker: *mut AbiWaker) {
    // SAFETY: only reached through `STD_VT`, once, with an owned waker.
    let mut waker = unsafe { as_std(waker) };
    // SAFETY: as above; the words are not used again.
    unsafe { ManuallyDrop::drop(&mut waker.0) };
}

/// Standard wakers that stand for a foreign [`AbiWaker`] in a box.
static FOREIGN: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: the data is a live `Box<AbiWaker>` (see `AbiWaker::to_std`).
        let copy = unsafe { (*data.cast::<AbiWaker>()).clone() };
        RawWaker::new(Box::into_raw(Box::new(copy)).cast_const().cast(), &FOREIGN)
    },
    |data| {
        // SAFETY: as above, and `wake` consumes the box.
        unsafe { Box::from_raw(data.cast_mut().cast::<AbiWaker>()) }.wake();
    },
    |data| {
        // SAFETY: as above.
        unsafe { (*data.cast::<AbiWaker>()).wake_by_ref() };
    },
    |data| {
        // SAFETY: as above, and `drop` consumes the box.
        drop(unsafe { Box::from_raw(data.cast_mut().cast::<AbiWaker>()) });
    },
);
