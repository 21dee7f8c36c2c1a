//! Enums: enumerations, choices, types told apart by `xsi:type`.

use rmix_abi::describe::{FieldDesc, VariantDesc, field_flags};
use rmix_abi::tables::{Fault, shape};

use super::{absent, leaf};
use crate::codec::mismatch;
use crate::codec::reading::{Frame, Reading};
use crate::codec::slot::{Fit, Home, Slot, Source, fit, fit_choice};
use crate::codec::types;
use crate::names::{is_derived, is_enumeration, or};
use crate::xml::{StartTag, trim};

/// Finds the variant, and sets the slot of its content.
pub(super) fn begin_variant(r: &mut Reading, slot: Slot) -> Result<&'static VariantDesc, Fault> {
    if is_derived(slot.ty) {
        return begin_derived(r, slot);
    }
    let is_choice = slot.xml.has(field_flags::CHOICE);
    match slot.source {
        Source::Absent => Err(absent(r)),
        Source::Element(tag) if is_choice => {
            let found = variant_of(r, &tag, &slot)?;
            r.frames.push(Frame::Variant(None));
            begin_content(r, tag, found)?;
            Ok(found)
        }
        Source::Element(tag) if !is_enumeration(slot.ty) => {
            let opened = r.open(tag)?;
            let child = match opened.element.tag.is_empty {
                true => None,
                false => r.document.peek_child()?,
            };
            let child = child.ok_or_else(|| absent(r))?;
            let found = variant_of(r, &child, &slot)?;
            r.frames.push(Frame::Variant(Some(opened)));
            begin_content(r, child, found)?;
            Ok(found)
        }
        Source::Element(_) | Source::Text(_) => {
            let ty = slot.ty;
            r.pending = Some(slot);
            let (text, _) = leaf(r)?;
            let name = trim(text.of(r.document.bytes()));
            let found = types::variant(ty, name, 0);
            let (_, found) = found.ok_or_else(|| unknown_value(r))?;
            r.frames.push(Frame::Variant(None));
            Ok(found)
        }
        Source::Run(_) | Source::Open => Err(mismatch("an enum is read where a sequence is")),
    }
}

#[cold]
fn unknown_value(r: &Reading) -> Fault {
    mismatch("a text is none of the values of the enumeration").at(r.document.at as u64)
}

fn variant_of(r: &Reading, tag: &StartTag, slot: &Slot) -> Result<&'static VariantDesc, Fault> {
    let namespace = r.document.namespace(tag)?;
    let found = (&*namespace, tag.local().of(r.document.bytes()));
    let home = Home::of(slot.ty, r.operation()?.namespace);
    let fits = |variant: &&VariantDesc| {
        let own = or(variant.xml().namespace(), slot.variants);
        fit(own, variant.xml_name(), home, found)
    };
    let best = slot.ty.variants().iter().max_by_key(fits);
    let rule = "an element is none of the variants that are described";
    match best.filter(|_| fit_choice(slot.ty, slot.variants, home, found) != Fit::Not) {
        Some(found) => Ok(found),
        None => Err(mismatch(rule).at(tag.at as u64)),
    }
}

/// The slot of a variant's content, which is in the variant's element.
fn begin_content(r: &mut Reading, tag: StartTag, found: &'static VariantDesc) -> Result<(), Fault> {
    let source = Source::Element(tag);
    let slot = match found.shape {
        shape::UNIT => {
            let opened = r.open(tag)?;
            return r.close(&opened);
        }
        shape::NEWTYPE => {
            let ty = found.fields().first().map_or(&types::UNIT, FieldDesc::ty);
            Slot::new(source, ty, found.xml())
        }
        _ => Slot {
            fields: Some(found.fields()),
            ..Slot::new(source, &types::UNIT, found.xml())
        },
    };
    r.pending = Some(slot);
    Ok(())
}

/// The variant that `xsi:type` names; the first one without.
fn begin_derived(r: &mut Reading, slot: Slot) -> Result<&'static VariantDesc, Fault> {
    let Source::Element(tag) = slot.source else {
        return Err(absent(r));
    };
    let named = r.instance_attribute(&tag, b"type")?;
    let named = named.map(|text| trim(text.of(r.document.bytes())).to_vec());
    let found = match named {
        None => slot.ty.variants().first(),
        Some(name) => {
            let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
            let prefix = name.get(..name.len().saturating_sub(local.len() + 1));
            let namespace = r.namespace_in(&tag, prefix.unwrap_or_default())?;
            let interface = r.operation()?.namespace;
            slot.ty.variants().iter().find(|variant| {
                let ty = variant.fields().first().map(FieldDesc::ty);
                ty.is_some_and(|ty| {
                    let home = Home::of(ty, interface);
                    let (own, name) = r.plan().type_name(ty).unwrap_or((home.own, ty.name()));
                    fit(own, name, home, (&namespace, local)) != Fit::Not
                })
            })
        }
    };
    let rule = "xsi:type names a type that is not described here";
    let found = found.ok_or_else(|| mismatch(rule).at(tag.at as u64))?;
    r.frames.push(Frame::Variant(None));
    let ty = found.fields().first().map_or(&types::UNIT, FieldDesc::ty);
    r.pending = Some(Slot::new(Source::Element(tag), ty, slot.xml));
    Ok(found)
}
