//! Buffers and holders whose memory belongs to the other side: a foreign side is played by tables with counters.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmix_abi::tables::{Buf, BufVt, ERR, Holder, OK, Status};

/// A `Buf` as the other side writes it down.
#[repr(C)]
struct RawBuf {
    p: *mut u8,
    len: usize,
    cap: usize,
    vt: *const CountingVt,
}

/// A table with counters behind it, as C programs keep their own data behind a public head.
#[repr(C)]
struct CountingVt {
    head: BufVt,
    room: usize,
    reserved: AtomicUsize,
    freed: AtomicUsize,
}

/// The foreign side grows in steps of seven bytes, up to `room`.
fn foreign(room: usize) -> (Buf, &'static CountingVt) {
    let vt: &CountingVt = Box::leak(Box::new(CountingVt {
        head: BufVt {
            size: size_of::<BufVt>(),
            reserve,
            free,
        },
        room,
        reserved: AtomicUsize::new(0),
        freed: AtomicUsize::new(0),
    }));
    let raw = RawBuf {
        p: std::ptr::null_mut(),
        len: 0,
        cap: 0,
        vt,
    };
    // SAFETY: both are the same four words, and the table starts with a `BufVt`.
    (unsafe { std::mem::transmute::<RawBuf, Buf>(raw) }, vt)
}

unsafe extern "C" fn reserve(buf: *mut Buf, additional: usize) -> Status {
    // SAFETY: only buffers of `foreign` carry this function.
    let raw = unsafe { &mut *buf.cast::<RawBuf>() };
    // SAFETY: the table is leaked.
    let vt = unsafe { &*raw.vt };
    vt.reserved.fetch_add(1, Ordering::Relaxed);
    let cap = (raw.len + additional).next_multiple_of(7);
    if cap > vt.room {
        return ERR;
    }
    let mut grown = vec![0xAA_u8; cap].into_boxed_slice();
    if raw.cap > 0 {
        // SAFETY: the old memory came from this function.
        let old = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(raw.p, raw.cap)) };
        grown[..raw.len].copy_from_slice(&old[..raw.len]);
    }
    raw.cap = cap;
    raw.p = Box::into_raw(grown).cast();
    OK
}

unsafe extern "C" fn free(buf: *mut Buf) {
    // SAFETY: as in `reserve`.
    let raw = unsafe { &mut *buf.cast::<RawBuf>() };
    // SAFETY: the table is leaked, and the memory came from `reserve`.
    unsafe {
        (*raw.vt).freed.fetch_add(1, Ordering::Relaxed);
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(
            raw.p, raw.cap,
        )));
    }
    raw.p = std::ptr::null_mut();
    raw.len = 0;
    raw.cap = 0;
}

#[test]
fn foreign_buffer_grows_through_its_own_table_and_is_freed_once() {
    let (mut buf, vt) = foreign(1000);
    for byte in 0..100_u8 {
        assert!(buf.extend(&[byte]));
    }

    assert!(buf.as_slice().iter().copied().eq(0..100));
    assert_eq!(vt.reserved.load(Ordering::Relaxed), 100_usize.div_ceil(7));
    let moved = Box::new(buf);
    assert_eq!(vt.freed.load(Ordering::Relaxed), 0);
    drop(moved);
    assert_eq!(vt.freed.load(Ordering::Relaxed), 1);
}

#[test]
fn foreign_buffer_that_cannot_grow_refuses_and_keeps_what_it_has() {
    let (mut buf, _) = foreign(14);

    assert!(buf.extend(&[1; 14]));
    assert!(!buf.extend(&[2]));

    assert_eq!(buf.as_slice(), [1; 14]);
}

#[test]
fn foreign_buffer_becomes_a_vector_by_copy_and_is_freed() {
    let (mut buf, vt) = foreign(100);
    assert!(buf.extend(b"copied"));

    let vec = buf.into_vec();

    assert_eq!(vec, b"copied");
    assert_eq!(vt.freed.load(Ordering::Relaxed), 1);
}

#[test]
fn own_vector_crosses_and_comes_back_without_a_copy() {
    let vec = b"the same memory".to_vec();
    let memory = vec.as_ptr();

    let back = Buf::from_vec(vec).into_vec();

    assert_eq!(back.as_ptr(), memory);
    assert_eq!(back, b"the same memory");
}

#[test]
fn own_buffer_grows_through_its_table_as_the_other_side_would_grow_it() {
    let mut buf = Buf::new();
    let raw = std::ptr::from_mut(&mut buf).cast::<RawBuf>();
    // SAFETY: the four words of the buffer; its table starts with a `BufVt`.
    let status = unsafe { ((*(*raw).vt).head.reserve)(&mut buf, 3) };
    assert_eq!(status, OK);
    // SAFETY: three bytes are reserved behind `len`.
    unsafe {
        (*raw).p.copy_from_nonoverlapping(b"abc".as_ptr(), 3);
        (*raw).len = 3;
    }

    assert!(buf.extend(b"def"));
    assert_eq!(buf.into_vec(), b"abcdef");

    // SAFETY: as above; no buffer has so much room.
    let mut buf = Buf::new();
    let raw = std::ptr::from_mut(&mut buf).cast::<RawBuf>();
    // SAFETY: as above.
    let status = unsafe { ((*(*raw).vt).head.reserve)(&mut buf, usize::MAX) };
    assert_eq!(status, ERR);
}

struct Counter(Arc<AtomicUsize>);

impl Drop for Counter {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn held_value_is_dropped_exactly_once_wherever_its_holder_moves() {
    let drops = Arc::new(AtomicUsize::new(0));

    let holder = Holder::new(Counter(drops.clone()));
    let moved = vec![Some(Box::new(holder))];
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    drop(moved);

    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&drops), 1);
    drop(Holder::empty());
}

/// A `Holder` as the other side writes it down.
#[repr(C)]
struct RawHolder {
    words: [MaybeUninit<usize>; 4],
    drop: Option<unsafe extern "C" fn(*mut Holder)>,
}

unsafe extern "C" fn drop_foreign(holder: *mut Holder) {
    // SAFETY: the first word is the address of a live counter.
    unsafe {
        let word = (*holder.cast::<RawHolder>()).words[0].assume_init();
        let count: *const AtomicUsize = std::ptr::with_exposed_provenance(word);
        (*count).fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn foreign_value_is_dropped_exactly_once_by_its_own_function() {
    let drops = AtomicUsize::new(0);
    let mut words = [MaybeUninit::uninit(); 4];
    words[0].write(std::ptr::from_ref(&drops).expose_provenance());
    let raw = RawHolder {
        words,
        drop: Some(drop_foreign),
    };
    // SAFETY: both are the same five words.
    let holder = unsafe { std::mem::transmute::<RawHolder, Holder>(raw) };

    drop(Box::new(holder));

    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn held_value_that_panics_while_it_is_dropped_does_not_unwind() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("while dropped");
        }
    }

    drop(Holder::new(Bomb));
}
