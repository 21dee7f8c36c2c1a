//! The short commands: change, read, look, leave.

use std::process::ExitCode;

use serde_json::json;

use crate::arguments::{Change, ForceView, Get, Status, Submit};
use crate::console::{Console, of_another_kind};
use crate::events::opaque;
use crate::failure::{Failure, REFUSED};
use crate::key_value::{Question, Said, Told};
use crate::{output, picture};

pub(crate) async fn submit(options: Submit) -> Result<ExitCode, Failure> {
    let told = match options.change {
        Change::Put { key, value } => Told::Put { key, value },
        Change::Swap {
            key,
            from,
            absent: _,
            value,
        } => Told::Swap { key, from, value },
        Change::Delete { key } => Told::Delete { key },
    };
    let console = Console::connect(&options.peer).await?;
    let (said, position) = console.submit(&told).await?;
    let why = match said {
        Said::Done => None,
        Said::Refused(why) => Some(why),
        other => return Err(of_another_kind(&other)),
    };
    match (options.json, &why) {
        (true, None) => output::result(&json!({"done": true, "position": position}).to_string())?,
        (true, Some(why)) => {
            let said = json!({"done": false, "position": position, "why": why});
            output::result(&said.to_string())?;
        }
        (false, None) => output::result(&format!("done at {position}"))?,
        (false, Some(why)) => return Err(Failure::refused(format!("not done: {why}"))),
    }
    Ok(ExitCode::from(if why.is_some() { REFUSED } else { 0 }))
}

pub(crate) async fn get(options: Get) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    let key = options.key;
    let said = match options.agreed {
        true => console.submit(&Told::Get { key: key.clone() }).await?.0,
        false => console.query(&Question::Get { key: key.clone() }).await?,
    };
    let value = match said {
        Said::Value(value) => value,
        other => return Err(of_another_kind(&other)),
    };
    match (&value, options.json) {
        (_, true) => output::result(&json!({"value": value}).to_string())?,
        (Some(value), false) => output::result(value)?,
        (None, false) => return Err(Failure::refused(format!("{key:?} has no value"))),
    }
    Ok(ExitCode::from(if value.is_some() { 0 } else { REFUSED }))
}

pub(crate) async fn status(options: Status) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    let status = console.stub().status().await?;
    if options.json {
        let value = serde_json::to_value(&status);
        let mut value = value.map_err(|error| Failure::local("the status", &error))?;
        value["view"] = opaque(status.view).into();
        value["digest"] = opaque(status.digest).into();
        output::result(&value.to_string())?;
    } else {
        output::result(&picture::text(&status))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn force_view(options: ForceView) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    console.stub().force_view().await?;
    output::result("told: it goes on with whomever it reaches; 'harness status' shows the view")?;
    Ok(ExitCode::SUCCESS)
}
