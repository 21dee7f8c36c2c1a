//! Watching a ring: asks its members again and again, and draws what they say.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use tokio::sync::mpsc;

use crate::arguments::Watch;
use crate::console::Console;
use crate::failure::Failure;
use crate::output;
use crate::picture::{Seen, draw};

pub(crate) async fn run(options: Watch) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    if options.once || !std::io::stdout().is_terminal() {
        let seen = look(&console, &options).await;
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
        let seen = look(console, options).await;
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
async fn look(console: &Console, options: &Watch) -> Seen {
    let status = match tokio::time::timeout(ANSWER_WITHIN, console.stub().status()).await {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => {
            return Seen {
                status: Err(error.to_string()),
                others: Vec::new(),
            };
        }
        Err(_) => {
            return Seen {
                status: Err("no answer in time".to_owned()),
                others: Vec::new(),
            };
        }
    };
    let mut others = Vec::new();
    for member in &status.members {
        if member.link.is_none() {
            others.push(Some(status.clone()));
            continue;
        }
        let asked = async {
            let stub = console.other(&member.endpoints, &options.peer).await?;
            stub.status().await.ok()
        };
        let other = tokio::time::timeout(ANSWER_WITHIN, asked).await;
        others.push(other.ok().flatten());
    }
    Seen {
        status: Ok(status),
        others,
    }
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

const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const WIDTH: u16 = 110;
