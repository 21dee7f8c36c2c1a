//! What is measured: the choice of `--only`, and what the chosen is compared with.

use crate::links::{LINKS, Link};
use crate::measure::Measure;
use crate::options::Options;
use crate::peers::Side;
use crate::place::Placement;
use crate::process::Tools;

/// One thing to measure in every round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) link: &'static Link,
    pub(crate) measure: Measure,
    pub(crate) placement: Placement,
}

impl Step {
    /// What it is, for people, and what `--only` chooses by.
    pub(crate) fn label(&self) -> String {
        let word = self.measure.word();
        format!("{} {word} {}", self.link.name, self.placement.word())
    }

    /// Whether what both ends need was built.
    pub(crate) fn is_prepared(&self, tools: &Tools) -> bool {
        self.sides().into_iter().all(|side| side.is_prepared(tools))
    }

    /// Both ends.
    pub(crate) fn sides(&self) -> [Side; 2] {
        [self.link.client, self.link.server]
    }

    /// Whether that is what this is compared with.
    fn is_compared_with(&self, other: &Step) -> bool {
        let like = other.measure == self.measure && Some(other.link.name) == self.link.peer;
        let raw = other.measure == self.measure.raw() && other.link.name == self.link.raw;
        other.placement == self.placement && (like || raw)
    }
}

/// The steps of one round: what is chosen, and what that is compared with, side by side.
pub(crate) fn plan(options: &Options) -> Vec<Step> {
    let words: Vec<&str> = options.only.split_whitespace().collect();
    let mut all = all(options);
    if options.quick && words.is_empty() {
        all.retain(|step| !step.sides().into_iter().any(Side::stands));
    }
    let chosen = |step: &Step| words.iter().all(|word| step.label().contains(word));
    let chosen: Vec<Step> = all.iter().copied().filter(chosen).collect();
    let is_chosen = |step: &Step| {
        let same = |one: &Step| one.label() == step.label();
        chosen
            .iter()
            .any(|one| same(one) || one.is_compared_with(step))
    };
    all.into_iter().filter(is_chosen).collect()
}

fn all(options: &Options) -> Vec<Step> {
    let mut steps = Vec::new();
    for placement in Placement::ALL {
        for measure in Measure::ALL {
            if placement == Placement::Same && measure.is_rate() && !options.everywhere {
                continue;
            }
            let fits = |link: &Link| placement == Placement::Cross || !link.needs_cores();
            let able = LINKS
                .iter()
                .filter(|link| link.measures.contains(&measure) && fits(link));
            steps.extend(able.map(|link| Step {
                link,
                measure,
                placement,
            }));
        }
    }
    steps
}
