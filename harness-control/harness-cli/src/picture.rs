//! What the ring looks like: as text, and as a picture of a terminal's size.

use harness_control::{MemberStatus, Status};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Cell, Paragraph, Row, Table};

/// What was seen at one time.
pub(crate) struct Seen {
    /// What the member that was asked knows; none while it does not answer, with the reason.
    pub(crate) status: Result<Status, String>,
    /// What each member of its view says of itself, in ring order.
    pub(crate) others: Vec<Option<Status>>,
}

/// One status as text.
pub(crate) fn text(status: &Status) -> String {
    let mut lines = vec![headline(status)];
    if let Some(why) = &status.blocked {
        lines.push(format!("blocked: {why}"));
    }
    lines.push(format!(
        "position {}, digest {:016x}; {} waiting now, {} queued, {} unstable; slowness {}",
        status.position,
        status.digest,
        status.waiting,
        status.queued,
        status.unstable,
        status.slowness
    ));
    for member in &status.members {
        let link = match &member.link {
            None => "this one".to_owned(),
            Some(link) if link.up => format!("over {}", link.over),
            Some(_) => "no link".to_owned(),
        };
        let suspected = if member.suspected { ", suspected" } else { "" };
        lines.push(format!(
            "  {} ({}): {link}{suspected}",
            member.name, member.id
        ));
    }
    lines.extend(
        status
            .counts
            .iter()
            .map(|(what, count)| format!("  {what}: {count}")),
    );
    lines.join("\n")
}

/// Draws the ring.
pub(crate) fn draw(frame: &mut Frame<'_>, seen: &Seen) {
    let status = match &seen.status {
        Ok(status) => status,
        Err(why) => {
            let text = format!("the member does not answer: {why}");
            let block = Block::bordered().title(" harness ");
            frame.render_widget(Paragraph::new(text).block(block), frame.area());
            return;
        }
    };
    let rows = u16::try_from(status.members.len()).unwrap_or(u16::MAX);
    let [head, ring, members, counts] = Layout::vertical([
        Constraint::Length(4),
        Constraint::Length(3),
        Constraint::Length(rows.saturating_add(3)),
        Constraint::Min(3),
    ])
    .areas(frame.area());
    frame.render_widget(head_of(status), head);
    let block = Block::bordered().title(" ring ");
    frame.render_widget(Paragraph::new(ring_line(status)).block(block), ring);
    frame.render_widget(table(status, seen), members);
    let listed: Vec<_> = status
        .counts
        .iter()
        .map(|(what, count)| Line::from(format!("{count:>10}  {what}")))
        .collect();
    let block = Block::bordered().title(" counted here · q ends ");
    frame.render_widget(Paragraph::new(listed).block(block), counts);
}

fn headline(status: &Status) -> String {
    let phase = if status.changing { ", changing" } else { "" };
    format!(
        "{} ({}): {}, view {}{phase}; {}",
        status.name, status.id, status.standing, status.epoch, status.rules
    )
}

fn head_of(status: &Status) -> Paragraph<'static> {
    let second = match &status.blocked {
        Some(why) => Line::styled(format!("BLOCKED: {why}"), Style::new().fg(Color::Red)),
        None => Line::from(format!(
            "position {}   {} waiting now   {} queued   {} unstable",
            status.position, status.waiting, status.queued, status.unstable
        )),
    };
    let lines = vec![Line::from(headline(status)), second];
    Paragraph::new(lines).block(Block::bordered().title(" harness "))
}

/// The members in the order in which messages pass, back to the first.
fn ring_line(status: &Status) -> Line<'static> {
    let mut spans = Vec::new();
    for member in &status.members {
        let style = match member {
            member if member.suspected => Style::new().fg(Color::Red),
            member if member.link.is_none() => Style::new().add_modifier(Modifier::BOLD),
            _ => Style::new(),
        };
        spans.push(Span::styled(member.name.clone(), style));
        spans.push(Span::raw(" → "));
    }
    let first = status.members.first();
    spans.extend(first.map(|first| Span::raw(first.name.clone())));
    Line::from(spans)
}

fn table(status: &Status, seen: &Seen) -> Table<'static> {
    let furthest = seen.others.iter().flatten().map(|other| other.position);
    let furthest = furthest.max().unwrap_or(status.position);
    let others = seen.others.iter().chain(std::iter::repeat(&None));
    let rows = status
        .members
        .iter()
        .zip(others)
        .map(|(member, other)| row(member, other.as_ref(), furthest));
    let head = Row::new([
        "member", "state", "view", "position", "lag", "slow", "unacked", "link",
    ]);
    let widths = [
        Constraint::Length(12),
        Constraint::Length(12),
        Constraint::Length(6),
        Constraint::Length(10),
        Constraint::Length(6),
        Constraint::Length(5),
        Constraint::Length(8),
        Constraint::Min(10),
    ];
    Table::new(rows, widths)
        .header(head.style(Style::new().add_modifier(Modifier::UNDERLINED)))
        .block(Block::bordered().title(" members "))
}

fn row(member: &MemberStatus, other: Option<&Status>, furthest: u64) -> Row<'static> {
    let state = match other {
        _ if member.suspected => "suspected".to_owned(),
        None => "no answer".to_owned(),
        Some(other) if other.blocked.is_some() => "blocked".to_owned(),
        Some(other) if other.changing => "changing".to_owned(),
        Some(other) => other.standing.clone(),
    };
    let number = |of: fn(&Status) -> u64| {
        other.map_or_else(|| "-".to_owned(), |other| of(other).to_string())
    };
    let lag = other.map_or_else(
        || "-".to_owned(),
        |other| furthest.saturating_sub(other.position).to_string(),
    );
    let (unacknowledged, link) = match &member.link {
        None => ("-".to_owned(), "(asked)".to_owned()),
        Some(link) if link.up => (link.unacknowledged.to_string(), link.over.clone()),
        Some(link) => (link.unacknowledged.to_string(), "down".to_owned()),
    };
    let is_well = other.is_some() && !member.suspected;
    let style = Style::new().fg(if is_well { Color::Green } else { Color::Red });
    Row::new([
        Cell::from(member.name.clone()),
        Cell::from(state).style(style),
        Cell::from(number(|other| other.epoch)),
        Cell::from(number(|other| other.position)),
        Cell::from(lag),
        Cell::from(number(|other| u64::from(other.slowness))),
        Cell::from(unacknowledged),
        Cell::from(link),
    ])
}
