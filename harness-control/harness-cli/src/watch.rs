//! Watching a ring: asks its members again and again, and draws what they say.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use harness_control::Status;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::arguments::Watch;
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::picture::{Seen, draw};

pub(crate) async fn run(options: Watch) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    if options.once || !std::io::stdout().is_terminal() {
        let status = console.stub().status().await?;
        let seen = look_around(&console, status, options.peer.timeout).await;
        output::result(&as_text(&seen)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut terminal = ratatui::init();
    let outcome = show(&mut terminal, &console, &options).await;
    ratatui::restore();
    outcome?;
    Ok(ExitCode::SUCCESS)
}

async fn show(
    terminal: &mut ratatui::DefaultTerminal,
    console: &Console,
    options: &Watch,
) -> Result<(), Failure> {
    let mut keys = keys();
    loop {
        // A key that ends it is not kept waiting by a member that does not answer.
        let looking = look(console, options.peer.timeout);
        let mut looking = std::pin::pin!(looking);
        let seen = loop {
            tokio::select! {
                seen = &mut looking => break seen,
                key = keys.recv() => if !matches!(key, Some(Key::Look)) {
                    return Ok(());
                },
            }
        };
        let drawn = terminal.draw(|frame| draw(frame, &seen));
        drawn.map_err(|error| Failure::local("the terminal", &error))?;
        tokio::select! {
            key = keys.recv() => match key {
                Some(Key::End) | None => return Ok(()),
                Some(Key::Look) => {}
            },
            () = tokio::time::sleep(options.every) => {}
        }
    }
}

/// What a key or a new size of the terminal means.
enum Key {
    End,
    Look,
}

fn keys() -> mpsc::Receiver<Key> {
    let (pressed, keys) = mpsc::channel(16);
    tokio::task::spawn_blocking(move || {
        while let Ok(event) = read() {
            let meant = match event {
                Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
                    KeyCode::Char('q') | KeyCode::Esc => Key::End,
                    KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Key::End,
                    _ => Key::Look,
                },
                Event::Resize(..) => Key::Look,
                _ => continue,
            };
            if pressed.blocking_send(meant).is_err() {
                break;
            }
        }
    });
    keys
}

/// Asks the member, and each member of its view.
async fn look(console: &Console, timeout: Duration) -> Seen {
    match console.stub().status().await {
        Ok(status) => look_around(console, status, timeout.min(OTHERS_WITHIN)).await,
        Err(error) => Seen {
            status: Err(error.to_string()),
            others: Vec::new(),
        },
    }
}

/// Asks each member of a view, several at a time, so that those that do not answer are waited for together.
async fn look_around(console: &Console, status: Status, timeout: Duration) -> Seen {
    let mut others = vec![None; status.members.len()];
    let mut asked = JoinSet::new();
    let mut waiting = status.members.iter().zip(0_usize..);
    loop {
        let next = match asked.len() < ASKED_AT_ONCE {
            true => waiting.next(),
            false => None,
        };
        if let Some((member, place)) = next {
            let answer = console.status_of(&member.endpoints, timeout);
            let own = member.link.is_none().then(|| status.clone());
            asked.spawn(async move {
                let answer = match own {
                    Some(own) => Some(own),
                    None => tokio::time::timeout(timeout, answer).await.ok().flatten(),
                };
                (place, answer)
            });
            continue;
        }
        match asked.join_next().await {
            Some(Ok((place, answer))) => {
                if let Some(other) = others.get_mut(place) {
                    *other = answer;
                }
            }
            // It panicked: there is no answer.
            Some(Err(_)) => {}
            None => break,
        }
    }
    let status = Ok(status);
    Seen { status, others }
}

/// The picture as lines of text.
fn as_text(seen: &Seen) -> Result<String, Failure> {
    let members = seen.status.as_ref().map_or(0, |status| {
        status.members.len().saturating_add(status.counts.len())
    });
    let height = u16::try_from(members)
        .unwrap_or(u16::MAX)
        .saturating_add(14);
    let failed = |error: std::io::Error| Failure::local("the picture", &error);
    let mut terminal = Terminal::new(TestBackend::new(WIDTH, height)).map_err(failed)?;
    terminal.draw(|frame| draw(frame, seen)).map_err(failed)?;
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(usize::from(WIDTH)).map(|cells| {
        let line: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    });
    Ok(lines.collect::<Vec<_>>().join("\n").trim_end().to_owned())
}

/// In a picture that is drawn again and again, one that does not answer holds the others up no longer than this.
const OTHERS_WITHIN: Duration = Duration::from_secs(2);
/// A connection each.
const ASKED_AT_ONCE: usize = 32;
const WIDTH: u16 = 110;
