//! How descriptions refer to types, which may contain themselves or be described at run time.

use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::OnceLock;

use super::{Data, InterfaceDesc, MethodDesc, TypeDesc, type_kind};

/// Where a type's description is got from; types may contain themselves.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct Schema(NonNull<TypeRef>);

// SAFETY: a schema leads to what is immutable and lives for ever.
unsafe impl Send for Schema {}
// SAFETY: as above.
unsafe impl Sync for Schema {}

/// Gives a type's description.
#[repr(C)]
#[derive(Debug)]
pub struct TypeRef {
    /// Called with the place of this struct.
    pub(crate) get: unsafe extern "C" fn(of: *const TypeRef) -> *const TypeDesc,
}

/// A type that is described at run time, after others have referred to it.
#[repr(C)]
struct Later {
    /// First, so that its place is that of this struct.
    head: TypeRef,
    described: OnceLock<TypeDesc>,
}

impl Schema {
    /// The description of `T`.
    pub const fn of<T: Data + ?Sized>() -> Schema {
        unsafe extern "C" fn place<T: Data + ?Sized>(_: *const TypeRef) -> *const TypeDesc {
            const { &T::SCHEMA }
        }
        Schema(NonNull::from_ref(const { &TypeRef { get: place::<T> } }))
    }

    /// A type that is described later, by the function returned with it; until then it is the unit type. What it is made
    /// of lives for ever.
    pub fn later() -> (Schema, impl FnOnce(TypeDesc)) {
        unsafe extern "C" fn described(of: *const TypeRef) -> *const TypeDesc {
            static NOTHING: TypeDesc = TypeDesc::plain(type_kind::UNIT);
            // SAFETY: only the struct made below has this function, and lives for ever.
            let later = unsafe { &*of.cast::<Later>() };
            later.described.get().unwrap_or(&NOTHING)
        }
        let later: &'static Later = Box::leak(Box::new(Later {
            head: TypeRef { get: described },
            described: OnceLock::new(),
        }));
        // The place of the whole struct, not of its head alone: `described` reads beyond it.
        let schema = Schema(NonNull::from_ref(later).cast());
        let describe = move |description| {
            let _ = later.described.set(description);
        };
        (schema, describe)
    }

    /// The description.
    pub fn get(self) -> &'static TypeDesc {
        let of = self.0.as_ptr();
        // SAFETY: `of` and `later` alone make one; what it leads to, and what the function returns, lives for ever.
        unsafe { &*((*of).get)(of) }
    }
}

impl InterfaceDesc {
    /// Describes an interface at run time, of operations that then belong to it. What it is made of lives for ever.
    pub fn leak(
        name: &'static str,
        namespace: &'static str,
        (program, version): (u32, u32),
        style: u32,
        mut methods: Vec<MethodDesc>,
    ) -> &'static InterfaceDesc {
        let place = Box::leak(Box::new(MaybeUninit::<InterfaceDesc>::uninit())).as_mut_ptr();
        for method in &mut methods {
            method.interface = place;
        }
        let methods = methods.leak();
        let interface = InterfaceDesc::new(name, namespace, program, version, methods);
        // SAFETY: the place is this function's own until it returns; the operations that lead there are not used before.
        unsafe {
            place.write(interface.with_style(style));
            &*place
        }
    }
}
