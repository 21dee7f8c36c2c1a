//! Our object of the SOAP peers' `contract.wsdl`, whose documentation says what each operation does. Knows no provider.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmix::xsd::{Date, Decimal, rust_decimal};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::contract::{
    AnyShape, BlobInfo, Contract, Item, NoSuchPlace, NoSuchPlaceError, Node, Payment,
    PaymentChoice, Quality, Reading, RunningOutputs, Served, SessionToken, Settlement, Stats,
    SwapOutputs, WhoamiOutputs,
};

/// How long `notified` waits, by the contract.
const NOTIFIED_WAIT: Duration = Duration::from_secs(10);
/// What `revise` adds.
const WARMER: f64 = 0.5;
/// Digits behind the point of what is paid.
const CENTS: u32 = 2;

/// The contract's object, with what it remembers.
#[derive(Debug, Default)]
pub struct ContractObject {
    /// How often each caller asked who it is.
    served: Mutex<BTreeMap<String, i32>>,
    /// What was notified, in its order.
    texts: watch::Sender<Vec<String>>,
}

impl ContractObject {
    fn served(&self) -> MutexGuard<'_, BTreeMap<String, i32>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contract for ContractObject {
    async fn echo(&self, text: String) -> String {
        text
    }

    async fn add(&self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    async fn stats(&self, values: Vec<f64>) -> Stats {
        let count = values.iter().map(|_| 1.0).sum::<f64>();
        // `f64::min` leaves out what is not a number; the contract does not.
        let of_all = |choose: fn(f64, f64) -> f64| {
            let any_nan = values.iter().any(|value| value.is_nan());
            let chosen = values.iter().copied().reduce(choose);
            chosen.filter(|_| !any_nan).unwrap_or(f64::NAN)
        };
        Stats {
            count: i32::try_from(values.len()).unwrap_or(i32::MAX),
            mean: values.iter().sum::<f64>() / count,
            min: of_all(f64::min),
            max: of_all(f64::max),
        }
    }

    async fn reading(&self, place: String) -> Result<Reading, NoSuchPlaceError> {
        let mut all = readings();
        if let Some(index) = all.iter().position(|reading| reading.place == place) {
            return Ok(all.swap_remove(index));
        }
        let mut known: Vec<String> = all.into_iter().map(|reading| reading.place).collect();
        known.sort();
        Err(NoSuchPlaceError::NoSuchPlace(NoSuchPlace { place, known }))
    }

    async fn revise(&self, mut reading: Reading) -> Reading {
        reading.celsius += WARMER;
        reading.tags.reverse();
        reading
    }

    async fn tree(&self, node: Node) -> i32 {
        levels(&node)
    }

    async fn blob(&self, data: Vec<u8>) -> BlobInfo {
        BlobInfo {
            size: i32::try_from(data.len()).unwrap_or(i32::MAX),
            sha256: Sha256::digest(&data).to_vec(),
        }
    }

    async fn area(&self, shape: AnyShape) -> f64 {
        match shape {
            AnyShape::Shape(_) => 0.0,
            AnyShape::Circle(circle) => PI * circle.radius * circle.radius,
            AnyShape::Square(square) => square.side * square.side,
        }
    }

    async fn pay(&self, amount: Decimal, on: Date) -> Decimal {
        let day = i64::from(on.date().day());
        with_cents(amount.get() + rust_decimal::Decimal::new(day, CENTS))
    }

    async fn label(&self, mut item: Item) -> Item {
        item.id = item.id.wrapping_add(1);
        item.value.make_ascii_uppercase();
        item
    }

    async fn running(&self, numbers: Vec<i32>) -> RunningOutputs {
        let mut sum = 0_i32;
        let sums = numbers.into_iter().map(|number| {
            sum = sum.wrapping_add(number);
            sum
        });
        RunningOutputs {
            r#return: sums.collect(),
        }
    }

    async fn settle(&self, payment: Payment) -> Settlement {
        match payment.choice {
            PaymentChoice::Card(card) => {
                let last = card.number.char_indices().rev().nth(3);
                let (_, digits) = card.number.split_at(last.map_or(0, |(at, _)| at));
                Settlement::Approval(format!("A-{digits}"))
            }
            PaymentChoice::Cash(cash) => {
                Settlement::Change(with_cents(cash.tendered.get() - payment.amount.get()))
            }
        }
    }

    async fn whoami(&self, session_token: SessionToken) -> WhoamiOutputs {
        let caller = format!("{}#{}", session_token.user, session_token.id);
        let mut served = self.served();
        let count = served.entry(caller.clone()).or_default();
        *count += 1;
        WhoamiOutputs {
            r#return: caller,
            served: Some(Served { count: *count }),
        }
    }

    async fn notify(&self, text: String) {
        self.texts.send_modify(|texts| texts.push(text));
    }

    async fn notified(&self, prefix: String, count: i32) -> Vec<String> {
        let wanted = usize::try_from(count).unwrap_or_default();
        let chosen = |texts: &Vec<String>| -> Vec<String> {
            let with_prefix = texts.iter().filter(|text| text.starts_with(&prefix));
            with_prefix.cloned().collect()
        };
        let mut texts = self.texts.subscribe();
        let enough = texts.wait_for(|texts| chosen(texts).len() >= wanted);
        // Too few after all that time are what there is.
        let _ = tokio::time::timeout(NOTIFIED_WAIT, enough).await;
        chosen(&self.texts.borrow())
    }

    async fn swap(&self, a: String, b: String) -> SwapOutputs {
        SwapOutputs { a: b, b: a }
    }
}

fn with_cents(amount: rust_decimal::Decimal) -> Decimal {
    let mut amount = amount.round_dp(CENTS);
    amount.rescale(CENTS);
    Decimal::from(amount)
}

fn levels(node: &Node) -> i32 {
    1 + node.children.iter().map(levels).max().unwrap_or_default()
}

fn readings() -> Vec<Reading> {
    let reading = |place: &str, celsius, at: &str, tags: &[&str], quality| Reading {
        place: place.to_owned(),
        celsius,
        at: at.parse().expect("it is a point in time"),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        quality,
        note: None,
        comment: None,
    };
    let oslo = ["coast", "capital"];
    vec![
        Reading {
            note: Some("cold".to_owned()),
            ..reading("Oslo", -3.5, "2024-01-31T12:30:00Z", &oslo, Quality::Good)
        },
        Reading {
            comment: Some("wet".to_owned()),
            ..reading(
                "Bergen",
                6.25,
                "2024-02-29T23:59:59Z",
                &["rain"],
                Quality::Bad,
            )
        },
        Reading {
            note: Some(String::new()),
            comment: Some(String::new()),
            ..reading("Voss", -0.5, "1999-12-31T23:59:59Z", &[], Quality::Unknown)
        },
    ]
}
