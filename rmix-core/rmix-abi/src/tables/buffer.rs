//! Growable buffers and owned values that cross the boundary with their own way to grow and to die.

use std::any::TypeId;
use std::mem::{ManuallyDrop, MaybeUninit};

use super::{ERR, OK, Status};

/// A growable byte buffer that belongs to the side that made it; the other side appends and frees only through `vt`.
///
/// ```text
/// offset 0   p    pointer to `cap` bytes, of which `len` are written
/// offset 8   len
/// offset 16  cap
/// offset 24  vt   how to grow and free it
/// ```
#[repr(C)]
pub struct Buf {
    pub(crate) p: *mut u8,
    pub(crate) len: usize,
    pub(crate) cap: usize,
    pub(crate) vt: *const BufVt,
}

/// How a [`Buf`] grows and is freed; belongs to the side that made the buffer.
#[repr(C)]
pub struct BufVt {
    /// `size_of::<BufVt>()` of the side that filled it.
    pub size: usize,
    /// Makes room for `additional` more bytes after `len`; `ERR` when memory or a limit is exhausted.
    pub reserve: unsafe extern "C" fn(*mut Buf, additional: usize) -> Status,
    /// Frees the memory and leaves an empty buffer.
    pub free: unsafe extern "C" fn(*mut Buf),
}

// SAFETY: the buffer is owned by one holder at a time; its memory has no thread affinity (a rule of the boundary).
unsafe impl Send for Buf {}
// SAFETY: shared access only reads.
unsafe impl Sync for Buf {}

impl Buf {
    /// An empty buffer of this side.
    pub const fn new() -> Buf {
        Buf {
            p: std::ptr::NonNull::dangling().as_ptr(),
            len: 0,
            cap: 0,
            vt: &VEC_VT,
        }
    }

    /// Hands a vector's memory over as a buffer, without a copy.
    pub fn from_vec(vec: Vec<u8>) -> Buf {
        let mut vec = ManuallyDrop::new(vec);
        Buf {
            p: vec.as_mut_ptr(),
            len: vec.len(),
            cap: vec.capacity(),
            vt: &VEC_VT,
        }
    }

    /// The vector back: without a copy when this side made the buffer, else copied.
    pub fn into_vec(self) -> Vec<u8> {
        if !std::ptr::eq(self.vt, &VEC_VT) {
            return self.as_slice().to_vec();
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: our own table marks memory that came from a `Vec<u8>` of this very allocator.
        unsafe { Vec::from_raw_parts(this.p, this.len, this.cap) }
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written.
    pub fn as_slice(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `len` bytes at `p` are written and owned by this buffer.
        unsafe { std::slice::from_raw_parts(self.p, self.len) }
    }

    /// What was written, for patching a length in place.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: as above, and `&mut self` makes the access exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.p, self.len) }
    }

    /// Forgets everything past `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Appends `bytes`; false when the buffer could not grow.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) -> bool {
        if self.cap - self.len < bytes.len() && !self.grow(bytes.len()) {
            return false;
        }
        if bytes.len() > PIECE_BYTES {
            for piece in bytes.chunks(PIECE_BYTES) {
                self.append(piece);
            }
            return true;
        }
        self.append(bytes);
        true
    }

    /// Appends what there is room for.
    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        debug_assert!(
            bytes.len() <= self.cap - self.len,
            "room was made for the bytes"
        );
        // SAFETY: there is room for `bytes.len()` bytes at `p + len`, and a borrowed slice cannot overlap memory that
        // only this buffer owns.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.p.add(self.len), bytes.len()) };
        self.len += bytes.len();
    }

    #[cold]
    fn grow(&mut self, additional: usize) -> bool {
        // SAFETY: `vt` belongs to the side that made the buffer and is valid for the buffer's life.
        let status = unsafe { ((*self.vt).reserve)(self, additional) };
        status == OK && self.cap - self.len >= additional
    }
}

impl Default for Buf {
    fn default() -> Self {
        Buf::new()
    }
}

impl Drop for Buf {
    fn drop(&mut self) {
        if self.cap != 0 && !self.vt.is_null() {
            // SAFETY: as in `grow`; the buffer is not used afterwards.
            unsafe { ((*self.vt).free)(self) };
        }
    }
}

impl std::fmt::Debug for Buf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buf({} of {} bytes)", self.len, self.cap)
    }
}

/// Longer runs of bytes are copied in pieces of so many. For longer ones the C library uses an instruction (`rep movsb`)
/// that takes fifteen times as long on some processors where the target lies up to 16 bytes behind the source, counted
/// within a page: measured, 64 KiB in 19 µs instead of 1.3.
pub const PIECE_BYTES: usize = 2048;

static VEC_VT: BufVt = BufVt {
    size: size_of::<BufVt>(),
    reserve: vec_reserve,
    free: vec_free,
};

/// Runs `f` on the buffer's memory as the vector it came from.
///
/// # Safety
/// `buf` points to a live buffer made by [`Buf::from_vec`] or [`Buf::new`] of this side.
unsafe fn with_vec<R>(buf: *mut Buf, f: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    // SAFETY: the caller vouches for the buffer; its memory came from a vector of this allocator.
    let mut vec =
        ManuallyDrop::new(unsafe { Vec::from_raw_parts((*buf).p, (*buf).len, (*buf).cap) });
    let result = f(&mut vec);
    // SAFETY: as above; the vector's parts go back into the buffer, which owns them again.
    unsafe {
        (*buf).p = vec.as_mut_ptr();
        (*buf).len = vec.len();
        (*buf).cap = vec.capacity();
    }
    result
}

unsafe extern "C" fn vec_reserve(buf: *mut Buf, additional: usize) -> Status {
    // SAFETY: only reached through our own table, so the buffer is ours.
    let reserved = unsafe { with_vec(buf, |vec| vec.try_reserve(additional)) };
    if reserved.is_ok() { OK } else { ERR }
}

unsafe extern "C" fn vec_free(buf: *mut Buf) {
    // SAFETY: as in `vec_reserve`.
    unsafe { with_vec(buf, |vec| drop(std::mem::take(vec))) };
}

/// An owned value of at most four words, moved across the boundary with its destructor: what keeps received bytes
/// alive while the other side reads them.
#[repr(C)]
pub struct Holder {
    pub(crate) words: [MaybeUninit<usize>; 4],
    pub(crate) drop: Option<unsafe extern "C" fn(*mut Holder)>,
}

// SAFETY: only values that are `Send` can be put in (`Holder::new`), and C providers promise the same.
unsafe impl Send for Holder {}

impl Holder {
    /// Holds nothing.
    pub const fn empty() -> Holder {
        Holder {
            words: [const { MaybeUninit::uninit() }; 4],
            drop: None,
        }
    }

    /// Moves `value` in; it is dropped with the holder, by this side's code.
    pub fn new<T: Send + 'static>(value: T) -> Holder {
        const { assert!(size_of::<T>() <= size_of::<[usize; 4]>()) };
        const { assert!(align_of::<T>() <= align_of::<usize>()) };
        let mut holder = Holder::empty();
        // SAFETY: size and alignment were checked at compile time.
        unsafe { holder.words.as_mut_ptr().cast::<T>().write(value) };
        holder.drop = Some(drop_held::<T>);
        holder
    }

    /// The held value.
    ///
    /// # Safety
    /// The holder was made by `Holder::new::<T>` of this side and not taken from since.
    pub(crate) unsafe fn get_mut<T>(&mut self) -> &mut T {
        // SAFETY: the caller vouches for type and presence; `&mut self` makes the access exclusive.
        unsafe { &mut *self.words.as_mut_ptr().cast::<T>() }
    }
}

impl Holder {
    /// The held value, taken out.
    ///
    /// # Safety
    /// As for [`Holder::get_mut`]; and the holder is not used again.
    pub(crate) unsafe fn take<T>(&mut self) -> T {
        self.drop = None;
        // SAFETY: the caller vouches for type and presence.
        unsafe { self.words.as_ptr().cast::<T>().read() }
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        if let Some(drop) = self.drop.take() {
            // SAFETY: the function was stored with the value it destroys; `take` makes sure it runs once.
            unsafe { drop(self) };
        }
    }
}

unsafe extern "C" fn drop_held<T>(holder: *mut Holder) {
    let dropped = std::panic::catch_unwind(|| {
        // SAFETY: stored by `Holder::new::<T>` and called once.
        unsafe { (*holder).words.as_mut_ptr().cast::<T>().drop_in_place() }
    });
    if let Err(panic) = dropped {
        std::mem::forget(panic);
    }
}

/// What a codec keeps beside one message while the message is written or read: a value of the side that put it in, which
/// the other side carries unseen. A null pointer is none.
#[repr(C)]
pub struct Context {
    pub(crate) p: *mut (),
    pub(crate) drop: Option<unsafe extern "C" fn(*mut ())>,
}

// SAFETY: only values that are `Send` can be put in (`Context::new`), and C providers promise the same.
unsafe impl Send for Context {}

/// A value with its type's identity before it, so that only the right type is handed out.
#[repr(C)]
struct Identified<T> {
    identity: TypeId,
    value: T,
}

impl Context {
    /// Keeps nothing.
    pub const fn none() -> Context {
        Context {
            p: std::ptr::null_mut(),
            drop: None,
        }
    }

    /// Keeps `value`.
    pub fn new<T: Send + 'static>(value: T) -> Context {
        let identity = TypeId::of::<T>();
        let p = Box::into_raw(Box::new(Identified { identity, value })).cast();
        Context {
            p,
            drop: Some(drop_identified::<T>),
        }
    }

    /// The value, when it is of this type.
    ///
    /// # Safety
    /// The context was made on this side, by [`Context::new`] or [`Context::none`].
    #[inline]
    pub(crate) unsafe fn get_mut<T: 'static>(&mut self) -> Option<&mut T> {
        if self.p.is_null() {
            return None;
        }
        // SAFETY: `Identified` begins with its identity whatever its type (`repr(C)`), and the caller vouches for the rest.
        if unsafe { *self.p.cast::<TypeId>() } != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: the identity was just compared; `&mut self` makes the access exclusive.
        Some(unsafe { &mut (*self.p.cast::<Identified<T>>()).value })
    }

    /// The value, taken out, when it is of this type; else the context keeps it.
    ///
    /// # Safety
    /// As for [`Context::get_mut`].
    pub(crate) unsafe fn take<T: 'static>(&mut self) -> Option<T> {
        // SAFETY: the caller vouches for it.
        unsafe { self.get_mut::<T>()? };
        let p = std::mem::replace(&mut self.p, std::ptr::null_mut());
        self.drop = None;
        // SAFETY: `get_mut` has found the type; the pointer came from a box and nobody else has it now.
        Some(unsafe { Box::from_raw(p.cast::<Identified<T>>()) }.value)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let (Some(drop), false) = (self.drop.take(), self.p.is_null()) {
            // SAFETY: the function was stored with the value it destroys; `take` makes sure it runs once.
            unsafe { drop(self.p) };
        }
    }
}

unsafe extern "C" fn drop_identified<T>(p: *mut ()) {
    let dropped = std::panic::catch_unwind(|| {
        // SAFETY: stored by `Context::new::<T>` and called once.
        drop(unsafe { Box::from_raw(p.cast::<Identified<T>>()) });
    });
    if let Err(panic) = dropped {
        std::mem::forget(panic);
    }
}
