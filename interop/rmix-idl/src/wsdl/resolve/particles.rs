//! Groups and elements of a complex type as fields.

use super::complex::Body;
use super::index::undefined;
use super::types::Resolver;
use crate::error::IdlError;
use crate::wsdl::model::{Field, Form, Occurs};
use crate::wsdl::syntax::schema::{Particle, ParticleKind};

impl<'a> Resolver<'a> {
    /// Adds what a particle stands for; all of it is optional where it is within something optional.
    pub(super) fn particle(
        &mut self,
        particle: &'a Particle,
        is_optional: bool,
        body: &mut Body,
    ) -> Result<(), IdlError> {
        let place = &particle.place;
        if particle.occurs.max == Some(0) {
            return Ok(());
        }
        let is_optional = is_optional || particle.occurs.min == 0;
        let repeats = particle.occurs.repeats();
        self.deeper(place, |it| match &particle.kind {
            ParticleKind::Element(element) => match it.element(element, is_optional, body)? {
                Some(field) => {
                    add(body, field, is_optional);
                    Ok(())
                }
                None => Ok(()),
            },
            ParticleKind::Any => {
                body.note("Elements that are not named here are left out.");
                Ok(())
            }
            ParticleKind::Sequence(inner) if !repeats => {
                if particle.occurs.min == 0 && inner.len() > 1 {
                    body.note(format!(
                        "These are there together or not at all: {}.",
                        names(inner)
                    ));
                }
                for particle in inner {
                    it.particle(particle, is_optional, body)?;
                }
                Ok(())
            }
            ParticleKind::Choice(inner) if !repeats => {
                it.one_of(particle, inner, is_optional, body)
            }
            ParticleKind::Group(name) => {
                let Some(&group) = it.index.groups.get(name) else {
                    return Err(undefined(name, "the group", place));
                };
                match &group.content {
                    Some(_) if repeats => it.repeated(particle, body),
                    Some(content) => it.particle(content, is_optional, body),
                    None => Ok(()),
                }
            }
            ParticleKind::Sequence(_) | ParticleKind::Choice(_) => it.repeated(particle, body),
        })?;
        self.check_members(body, place)
    }

    /// A choice: an enum when its alternatives are elements, else optional fields.
    fn one_of(
        &mut self,
        particle: &'a Particle,
        inner: &'a [Particle],
        is_optional: bool,
        body: &mut Body,
    ) -> Result<(), IdlError> {
        if let [only] = inner {
            return self.particle(only, is_optional, body);
        }
        let is_open = |it: &Particle| it.occurs.min == 0 || matches!(it.kind, ParticleKind::Any);
        let may_be_absent = is_optional || inner.iter().any(is_open);
        match self.single_elements(particle)? {
            Some(elements) if elements.is_empty() => {
                body.note("Elements that are not named here are left out.");
            }
            Some(elements) => {
                let mut field = self.choice_at(particle, elements, body, &particle.place)?;
                if may_be_absent {
                    field.occurs = Occurs::Optional;
                }
                body.fields.push(field);
            }
            None => {
                body.note(format!("Of these only one is there: {}.", names(inner)));
                for particle in inner {
                    self.particle(particle, true, body)?;
                }
            }
        }
        Ok(())
    }

    /// A group that repeats: its elements, each time one of them.
    fn repeated(&mut self, particle: &'a Particle, body: &mut Body) -> Result<(), IdlError> {
        let mut elements = Vec::new();
        self.all_elements(particle, &mut elements)?;
        if let [only] = elements.as_slice() {
            if let Some(mut field) = self.element(only, true, body)? {
                field.occurs = Occurs::Repeated;
                add(body, field, false);
            }
            return Ok(());
        }
        if elements.is_empty() {
            body.note("Elements that are not named here are left out.");
            return Ok(());
        }
        if !matches!(particle.kind, ParticleKind::Choice(_)) {
            body.note("The choice repeats a group: its elements follow each other in the order of the group.");
        }
        let mut field = self.choice_at(particle, elements, body, &particle.place)?;
        field.occurs = Occurs::Repeated;
        body.fields.push(field);
        Ok(())
    }
}

/// Adds a field. An element that the type has already may then stand there more than once.
fn add(body: &mut Body, field: Field, is_one_of_several: bool) {
    let mut fields = body.fields.iter_mut();
    let same = fields.find(|it| {
        it.form == Form::Element && field.form == Form::Element && it.name == field.name
    });
    match same {
        Some(same) if !is_one_of_several || same.occurs != Occurs::Optional => {
            same.occurs = Occurs::Repeated;
            let name = field.name.local;
            body.note(format!("All elements `{name}` are read into one field."));
        }
        Some(_) => {}
        None => body.fields.push(field),
    }
}

/// What particles are called in a sentence.
fn names(particles: &[Particle]) -> String {
    let name = |particle: &Particle| match &particle.kind {
        ParticleKind::Element(element) => format!("`{}`", element.name.local),
        ParticleKind::Group(name) => format!("the group `{}`", name.local),
        ParticleKind::Sequence(inner) => match inner.first().map(|it| &it.kind) {
            Some(ParticleKind::Element(element)) => {
                format!("the group from `{}` on", element.name.local)
            }
            _ => "a group".to_owned(),
        },
        ParticleKind::Choice(_) => "a choice".to_owned(),
        ParticleKind::Any => "any element".to_owned(),
    };
    let names: Vec<String> = particles.iter().take(NAMES_MAX).map(name).collect();
    match particles.len() > NAMES_MAX {
        true => format!("{} and more", names.join(", ")),
        false => names.join(", "),
    }
}

/// How many names a sentence has.
const NAMES_MAX: usize = 8;
