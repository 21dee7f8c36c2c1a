//! The elements of choices and of groups that repeat, and the variants that they become.

use std::collections::BTreeSet;

use super::complex::Body;
use super::index::undefined;
use super::types::Resolver;
use crate::error::IdlError;
use crate::wsdl::model::{Field, Occurs};
use crate::wsdl::name::{QName, XSD};
use crate::wsdl::syntax::schema::{Element, Particle, ParticleKind};

impl<'a> Resolver<'a> {
    /// The elements of a choice whose alternatives are one element each, wildcards aside; nothing for other particles.
    pub(super) fn single_elements(
        &mut self,
        particle: &'a Particle,
    ) -> Result<Option<Vec<&'a Element>>, IdlError> {
        let mut elements = Vec::new();
        let is_choice = self.is_choice(particle)?;
        let are_single = is_choice && self.add_single(particle, &mut elements)?;
        Ok(are_single.then_some(elements))
    }

    fn is_choice(&mut self, particle: &'a Particle) -> Result<bool, IdlError> {
        match &particle.kind {
            ParticleKind::Choice(inner) => Ok(inner.len() > 1),
            ParticleKind::Group(name) => match self.index.groups.get(name) {
                Some(group) => match &group.content {
                    Some(content) => self.deeper(&group.place, |it| it.is_choice(content)),
                    None => Ok(false),
                },
                None => Err(undefined(name, "the group", &particle.place)),
            },
            ParticleKind::Sequence(inner) => match inner.as_slice() {
                [only] => self.deeper(&particle.place, |it| it.is_choice(only)),
                _ => Ok(false),
            },
            ParticleKind::Element(_) | ParticleKind::Any => Ok(false),
        }
    }

    fn add_single(
        &mut self,
        particle: &'a Particle,
        to: &mut Vec<&'a Element>,
    ) -> Result<bool, IdlError> {
        let place = &particle.place;
        if particle.occurs.max == Some(0) {
            return Ok(true);
        }
        if particle.occurs.repeats() {
            return Ok(false);
        }
        self.deeper(place, |it| match &particle.kind {
            ParticleKind::Element(element) => {
                to.push(element);
                Ok(true)
            }
            ParticleKind::Any => Ok(true),
            ParticleKind::Choice(inner) => {
                for particle in inner {
                    if !it.add_single(particle, to)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            ParticleKind::Sequence(inner) => match inner.as_slice() {
                [only] => it.add_single(only, to),
                _ => Ok(false),
            },
            ParticleKind::Group(name) => match it.index.groups.get(name) {
                Some(group) => match &group.content {
                    Some(content) => it.add_single(content, to),
                    None => Ok(true),
                },
                None => Err(undefined(name, "the group", place)),
            },
        })
    }

    /// All elements of a particle, however they are grouped.
    pub(super) fn all_elements(
        &mut self,
        particle: &'a Particle,
        to: &mut Vec<&'a Element>,
    ) -> Result<(), IdlError> {
        let place = &particle.place;
        if particle.occurs.max == Some(0) {
            return Ok(());
        }
        self.deeper(place, |it| match &particle.kind {
            ParticleKind::Element(element) => {
                to.push(element);
                Ok(())
            }
            ParticleKind::Any => Ok(()),
            ParticleKind::Choice(inner) | ParticleKind::Sequence(inner) => {
                for particle in inner {
                    it.all_elements(particle, to)?;
                }
                Ok(())
            }
            ParticleKind::Group(name) => match it.index.groups.get(name) {
                Some(group) => match &group.content {
                    Some(content) => it.all_elements(content, to),
                    None => Ok(()),
                },
                None => Err(undefined(name, "the group", place)),
            },
        })
    }

    /// The variants for elements: one for each name, and for each element that may stand for it.
    pub(super) fn variants(
        &mut self,
        elements: &[&'a Element],
        name: &QName,
    ) -> Result<Vec<Field>, IdlError> {
        let mut concrete = Vec::new();
        for element in elements {
            self.add_concrete(element, &mut concrete)?;
        }
        let body = Body::new(name.clone());
        let mut seen = BTreeSet::new();
        let mut variants = Vec::new();
        for element in concrete {
            if &*element.name.namespace == XSD || !seen.insert(&element.name) {
                continue;
            }
            let mut field = self.declared_element(element, &body)?;
            field.occurs = Occurs::Once;
            variants.push(field);
        }
        Ok(variants)
    }

    /// The element, unless it is abstract, and those that may stand for it.
    pub(super) fn add_concrete(
        &mut self,
        element: &'a Element,
        to: &mut Vec<&'a Element>,
    ) -> Result<(), IdlError> {
        if !element.is_reference {
            to.push(element);
            return Ok(());
        }
        let Some(&head) = self.index.elements.get(&element.name) else {
            if &*element.name.namespace == XSD {
                return Ok(());
            }
            return Err(undefined(&element.name, "the element", &element.place));
        };
        self.add_substitutes(head, to)
    }

    pub(super) fn add_substitutes(
        &mut self,
        head: &'a Element,
        to: &mut Vec<&'a Element>,
    ) -> Result<(), IdlError> {
        let mut seen = BTreeSet::from([&head.name]);
        let mut waiting = vec![head];
        while let Some(element) = waiting.pop() {
            self.count(&element.place)?;
            if !element.is_abstract {
                to.push(element);
            }
            let members = self.index.substitutes.get(&element.name);
            // Taken from the end: the first of the file is to come first.
            for member in members.into_iter().flatten().rev() {
                if seen.insert(&member.name) {
                    waiting.push(member);
                }
            }
        }
        Ok(())
    }
}
