//! Our client of the contract as one more client of the peers' cases: it calls, and says what came back in their words.

use std::fmt::Display;

use rmix::CallError;
use rmix_system_tests::contract::{
    AnyShape, Card, Cash, Circle, ContractStub, Item, NoSuchPlaceError, Node, Payment,
    PaymentChoice, Quality, Reading, SessionToken, Settlement, Shape, Square, Stats,
};

/// What our client says of each of these cases, in a line as the peers' clients print them.
pub(super) async fn lines(stub: &ContractStub, user: &str, names: &[&str]) -> Vec<String> {
    let client = Client { stub, user };
    let mut lines = Vec::new();
    for name in names {
        lines.push(format!("{name} {}", client.answer(name).await));
    }
    lines
}

struct Client<'a> {
    stub: &'a ContractStub,
    user: &'a str,
}

/// The answer in words, or why there is none.
fn said<T, E: Display>(answer: Result<T, E>, words: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(answer) => words(answer),
        Err(error) => format!("FAILED: {error}"),
    }
}

impl Client<'_> {
    async fn answer(&self, name: &str) -> String {
        match name {
            "echo" => self.echo("Grüße, 世界 🌍").await,
            "echo-markup" => self.echo("<a href=\"x\">&amp;</a> ]]>").await,
            "echo-space" => self.echo("  two lines\n\tindented  ").await,
            "echo-empty" => self.echo("").await,
            "add" => self.add(1, 2).await,
            "add-negative" => self.add(-2_147_483_647, -1).await,
            "stats" => self.stats(&[1.0, 2.0, 3.75]).await,
            "stats-up" => self.stats(&[1.0, f64::INFINITY]).await,
            "stats-down" => self.stats(&[f64::NEG_INFINITY, 1.5]).await,
            "stats-nan" => self.stats(&[1.0, f64::NAN]).await,
            "stats-none" => self.stats(&[]).await,
            "reading" => self.reading("Oslo").await,
            "reading-nil" => self.reading("Bergen").await,
            "reading-bare" => self.reading("Voss").await,
            "reading-fault" => self.reading("Atlantis").await,
            "revise" => self.revise(&["a", "b c"], None, Some("windy")).await,
            "revise-absent" => self.revise(&[], Some("warm"), None).await,
            "revise-empty" => self.revise(&[], Some(""), Some("")).await,
            _ => self.answer_of_types(name).await,
        }
    }

    async fn answer_of_types(&self, name: &str) -> String {
        let card = || Card {
            number: "49001234".to_owned(),
        };
        let cash = || Cash {
            tendered: "20.25".parse().unwrap(),
        };
        match name {
            "tree" => self.tree().await,
            "blob" => self.blob((0..=u8::MAX).collect()).await,
            "blob-empty" => self.blob(Vec::new()).await,
            "area-shape" => self.area(shape()).await,
            "area-circle" => self.area(circle(2.0)).await,
            "area-square" => self.area(square(2.5)).await,
            "pay" => self.pay("100.05", "2024-02-29").await,
            "pay-exact" => self.pay("1234567890123456.05", "2024-12-01").await,
            "label" => self.label("Title <1>", 7, Some("en")).await,
            "label-plain" => self.label("größe", -1, None).await,
            "running" => self.running(vec![1, 2, 3]).await,
            "running-none" => self.running(Vec::new()).await,
            "settle-card" => self.settle("9.99", PaymentChoice::Card(card())).await,
            "settle-cash" => self.settle("12.50", PaymentChoice::Cash(cash())).await,
            "whoami" | "whoami-again" => self.whoami().await,
            "notify" => self.notify().await,
            "swap" => self.swap().await,
            _ => panic!("there is no case {name}"),
        }
    }

    async fn echo(&self, text: &str) -> String {
        said(self.stub.echo(text.to_owned()).await, |text| {
            format!("[{}]", text.replace('\n', "\\n").replace('\t', "\\t"))
        })
    }

    async fn add(&self, a: i32, b: i32) -> String {
        said(self.stub.add(a, b).await, |sum| sum.to_string())
    }

    async fn stats(&self, values: &[f64]) -> String {
        said(self.stub.stats(values.to_vec()).await, |stats: Stats| {
            let [mean, min, max] = [stats.mean, stats.min, stats.max].map(number);
            format!("{} {mean} {min} {max}", stats.count)
        })
    }

    async fn reading(&self, place: &str) -> String {
        match self.stub.reading(place.to_owned()).await {
            Err(CallError::Fault(NoSuchPlaceError::NoSuchPlace(fault))) => {
                format!("NoSuchPlace {} [{}]", fault.place, fault.known.join(","))
            }
            answer => said(answer, |reading| shown(&reading)),
        }
    }

    async fn revise(&self, tags: &[&str], note: Option<&str>, comment: Option<&str>) -> String {
        let reading = Reading {
            place: "Tromsø".to_owned(),
            celsius: 21.25,
            at: "2023-06-01T10:00:00Z".parse().unwrap(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            quality: Quality::Bad,
            note: note.map(str::to_owned),
            comment: comment.map(str::to_owned),
        };
        said(self.stub.revise(reading).await, |reading| shown(&reading))
    }

    async fn tree(&self) -> String {
        let node = |name: &str, children| Node {
            name: name.to_owned(),
            children,
        };
        let leaf = || node("leaf", Vec::new());
        let twig = node("twig", vec![node("branch", vec![leaf()])]);
        let root = node("root", vec![leaf(), twig]);
        said(self.stub.tree(root).await, |levels| levels.to_string())
    }

    async fn blob(&self, data: Vec<u8>) -> String {
        said(self.stub.blob(data).await, |info| {
            let digits = info.sha256.iter().map(|byte| format!("{byte:02x}"));
            format!("{} {}", info.size, digits.collect::<String>())
        })
    }

    async fn area(&self, shape: AnyShape) -> String {
        said(self.stub.area(shape).await, number)
    }

    async fn pay(&self, amount: &str, on: &str) -> String {
        let (amount, on) = (amount.parse().unwrap(), on.parse().unwrap());
        said(self.stub.pay(amount, on).await, |paid| paid.to_string())
    }

    async fn label(&self, text: &str, id: i32, lang: Option<&str>) -> String {
        let item = Item {
            value: text.to_owned(),
            id,
            lang: lang.map(str::to_owned),
        };
        said(self.stub.label(item).await, |item| {
            let lang = item.lang.as_deref().unwrap_or("absent");
            format!("{} {lang} {}", item.id, item.value)
        })
    }

    async fn running(&self, numbers: Vec<i32>) -> String {
        said(self.stub.running(numbers).await, |sums| {
            let sums: Vec<String> = sums.r#return.iter().map(i32::to_string).collect();
            format!("[{}]", sums.join(","))
        })
    }

    async fn settle(&self, amount: &str, choice: PaymentChoice) -> String {
        let amount = amount.parse().unwrap();
        said(
            self.stub.settle(Payment { amount, choice }).await,
            |settlement| match settlement {
                Settlement::Approval(approval) => format!("approval {approval}"),
                Settlement::Change(change) => format!("change {change}"),
            },
        )
    }

    async fn whoami(&self) -> String {
        let token = SessionToken {
            user: self.user.to_owned(),
            id: 7,
        };
        said(self.stub.whoami(token).await, |who| match who.served {
            Some(served) => format!("{} {}", who.r#return, served.count),
            None => format!("{} without the header Served", who.r#return),
        })
    }

    async fn notify(&self) -> String {
        for word in ["one", "two"] {
            if let Err(error) = self.stub.notify(format!("{} {word}", self.user)).await {
                return format!("FAILED: {error}");
            }
        }
        // Its one-way calls go out before what follows, but a server with threads may take them in any order.
        said(
            self.stub.notified(self.user.to_owned(), 2).await,
            |mut texts| {
                texts.sort();
                format!("[{}]", texts.join(","))
            },
        )
    }

    async fn swap(&self) -> String {
        let (a, b) = ("left".to_owned(), "right".to_owned());
        said(self.stub.swap(a, b).await, |both| {
            format!("{} {}", both.a, both.b)
        })
    }
}

fn shape() -> AnyShape {
    AnyShape::Shape(Shape {
        name: "Shape".to_owned(),
    })
}

fn circle(radius: f64) -> AnyShape {
    AnyShape::Circle(Circle {
        name: "Circle".to_owned(),
        radius,
    })
}

fn square(side: f64) -> AnyShape {
    AnyShape::Square(Square {
        name: "Square".to_owned(),
        side,
    })
}

/// As XML Schema writes it.
pub(super) fn number(value: f64) -> String {
    match value.is_infinite() {
        true if value > 0.0 => "INF".to_owned(),
        true => "-INF".to_owned(),
        false => value.to_string(),
    }
}

fn shown(reading: &Reading) -> String {
    let at = reading.at.timestamp();
    let at = at.map_or_else(|| format!("{} (local)", reading.at), |at| at.to_string());
    let quality = match reading.quality {
        Quality::Good => "good",
        Quality::Bad => "bad",
        Quality::Unknown => "unknown",
    };
    format!(
        "{} {} {at} [{}] {quality} note={} comment={}",
        reading.place,
        number(reading.celsius),
        reading.tags.join(","),
        reading.note.as_deref().unwrap_or("nil"),
        reading.comment.as_deref().unwrap_or("absent"),
    )
}
