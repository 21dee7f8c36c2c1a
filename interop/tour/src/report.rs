//! The tour's table: one row per link, peer, direction and mode.

use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

/// One row.
struct Row {
    link: String,
    peer: String,
    direction: String,
    mode: String,
    result: Result<String, String>,
    round_trip: Option<Duration>,
}

/// The table in the making, with a line on the terminal that says what is going on.
pub(crate) struct Report {
    rows: Vec<Row>,
    json: bool,
    progress: ProgressBar,
}

impl Report {
    pub(crate) fn new(json: bool) -> Report {
        let progress = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            progress.set_style(style);
        }
        progress.enable_steady_tick(Duration::from_millis(100));
        Report {
            rows: Vec::new(),
            json,
            progress,
        }
    }

    /// Says what is going on.
    pub(crate) fn now(&self, what: impl Into<String>) {
        self.progress.set_message(what.into());
    }

    /// A row that went well.
    pub(crate) fn went_well(
        &mut self,
        link: &str,
        peer: &str,
        direction: &str,
        mode: &str,
        result: impl Into<String>,
        round_trip: Option<Duration>,
    ) {
        self.add(link, peer, direction, mode, Ok(result.into()), round_trip);
    }

    /// A row that did not.
    pub(crate) fn failed(
        &mut self,
        link: &str,
        peer: &str,
        direction: &str,
        mode: &str,
        why: &str,
    ) {
        self.add(link, peer, direction, mode, Err(why.to_owned()), None);
    }

    /// A row by its outcome.
    pub(crate) fn outcome(
        &mut self,
        place: (&str, &str, &str),
        mode: &str,
        outcome: Result<(String, Option<Duration>), String>,
    ) {
        let (link, peer, direction) = place;
        match outcome {
            Ok((result, time)) => self.went_well(link, peer, direction, mode, result, time),
            Err(why) => self.failed(link, peer, direction, mode, &why),
        }
    }

    fn add(
        &mut self,
        link: &str,
        peer: &str,
        direction: &str,
        mode: &str,
        result: Result<String, String>,
        round_trip: Option<Duration>,
    ) {
        self.rows.push(Row {
            link: link.to_owned(),
            peer: peer.to_owned(),
            direction: direction.to_owned(),
            mode: mode.to_owned(),
            result,
            round_trip,
        });
    }

    pub(crate) fn all_well(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.result.is_ok())
    }

    pub(crate) fn print(&self) {
        self.progress.finish_and_clear();
        if self.json {
            println!("{}", self.to_json());
            return;
        }
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(["link", "peer", "direction", "mode", "result", "round trip"]);
        for row in &self.rows {
            let result = match &row.result {
                Ok(result) => format!("ok: {result}"),
                Err(why) => format!("FAILED: {why}"),
            };
            let time = row.round_trip.map_or_else(String::new, |time| {
                format!("{:.0} µs", time.as_secs_f64() * 1e6)
            });
            table.add_row([
                &row.link,
                &row.peer,
                &row.direction,
                &row.mode,
                &result,
                &time,
            ]);
        }
        println!("{table}");
        let failed = self.rows.iter().filter(|row| row.result.is_err()).count();
        println!(
            "{} rows went well, {failed} failed",
            self.rows.len() - failed
        );
    }

    fn to_json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "link": row.link,
                "peer": row.peer,
                "direction": row.direction,
                "mode": row.mode,
                "ok": row.result.is_ok(),
                "result": row.result.as_ref().unwrap_or_else(|why| why),
                "round_trip_us": row.round_trip.map(|time| time.as_secs_f64() * 1e6),
            })
        });
        rows.collect()
    }
}
