//! `faultlab explain`: a pattern's essay, settings, properties, counters and bugs; one property; or faults.

use super::numbers::wrapped;
use super::output::{self, BOLD, DIM, Failure, styled};
use super::{Exit, faults, list};
use crate::check::{Claim, NO_PANIC, PROGRESS, SETTLING};
use crate::patterns;
use crate::scenario::{self, AnyPattern, EVERY_FAULT, SettingInfo, nearest};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Explain a pattern, one of its properties, or what can go wrong
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A pattern such as `raft`, a property such as `election-safety`, `faults` for all of them, or a fault such as `one_way`
    #[arg(value_name = "NAME")]
    name: String,

    /// Only the pattern's planted bugs
    #[arg(long)]
    bugs: bool,

    /// Where to look for scenarios
    #[arg(long, value_name = "PATH", default_value = "scenarios")]
    scenarios: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> super::Result {
    if let Some(pattern) = patterns::ALL.iter().find(|pattern| pattern.name() == arguments.name) {
        let text = match (arguments.json, arguments.bugs) {
            (true, _) => json(*pattern),
            (false, true) => bugs(*pattern, &arguments.scenarios),
            (false, false) => explain(*pattern, &arguments.scenarios),
        };
        output::result(&text)?;
        return Ok(Exit::Passed);
    }
    if arguments.name == "nemesis" && !arguments.json {
        output::result(&faults::nemesis(&arguments.scenarios))?;
        return Ok(Exit::Passed);
    }
    if let Some(found) = faults::named(&arguments.name) {
        let text = match arguments.json {
            true => faults::json(&found, &arguments.scenarios),
            false => faults::text(&found, &arguments.scenarios),
        };
        output::result(&text)?;
        return Ok(Exit::Passed);
    }
    let found: Vec<_> = claims().filter(|(_, claim)| claim.name == arguments.name).collect();
    if found.is_empty() {
        return Err(unknown(&arguments.name));
    }
    let text = match arguments.json {
        true => property_json(&found),
        false => found.iter().map(|(pattern, claim)| property(pattern, claim)).collect(),
    };
    output::result(&text)?;
    Ok(Exit::Passed)
}

/// Every property with its pattern's name, those that every run is judged by first.
fn claims() -> impl Iterator<Item = (&'static str, Claim)> {
    let own =
        patterns::ALL.iter().flat_map(|pattern| pattern.claims().into_iter().map(|claim| (pattern.name(), claim)));
    [NO_PANIC, PROGRESS, SETTLING, EVERY_FAULT].into_iter().map(|claim| ("every pattern", claim)).chain(own)
}

fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = patterns::ALL.iter().map(|pattern| pattern.name()).collect();
    let faults: Vec<String> = scenario::faults().into_iter().map(|fault| fault.name).collect();
    let known = names.iter().copied().chain(claims().map(|(_, claim)| claim.name));
    let help = match nearest(name, known.chain(["faults", "nemesis"]).chain(faults.iter().map(String::as_str))) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!(
            "the patterns are: {}; `faultlab explain PATTERN` names its properties, `faultlab explain faults` the faults",
            names.join(", ")
        ),
    };
    Failure::input(format!("there is no pattern, property or fault `{name}`"), help)
}

fn explain(pattern: &dyn AnyPattern, scenarios: &Path) -> String {
    let mut out =
        format!("{}: {}\n\n{}\n", styled(BOLD, pattern.name()), pattern.summary(), pattern.essay().trim_end());
    settings(&mut out, "[config]", &pattern.config_settings());
    settings(&mut out, "[workload]", &pattern.load_settings());
    let _ = writeln!(out, "\n{}", styled(BOLD, "Roles"));
    let _ = writeln!(out, "  {}", pattern.roles().join(", "));
    let _ = writeln!(out, "\n{}", styled(BOLD, "Properties"));
    for claim in pattern.claims() {
        let _ = writeln!(
            out,
            "  {}\n      {}",
            wrapped(&format!("{} ({}): {}.", claim.name, claim.kind.word(), claim.claim), "    "),
            styled(DIM, &wrapped(claim.why, "      "))
        );
    }
    if !pattern.counters().is_empty() {
        let _ = writeln!(out, "\n{}", styled(BOLD, "Counters"));
        for counter in pattern.counters() {
            let _ = writeln!(out, "  {:24}{}", counter.name, counter.about);
        }
    }
    if !pattern.bugs().is_empty() {
        let _ = writeln!(out, "\n{}", bugs(pattern, scenarios).trim_end());
    }
    let own: Vec<_> = list::known(scenarios).into_iter().filter(|row| row.pattern == pattern.name()).collect();
    if !own.is_empty() {
        let _ = writeln!(out, "\n{}", styled(BOLD, "Scenarios"));
        for row in own {
            let _ = writeln!(out, "  faultlab run {}\n      {}", row.file, styled(DIM, &row.title));
        }
    }
    out
}

fn settings(out: &mut String, table: &str, settings: &[SettingInfo]) {
    let _ = writeln!(out, "\n{}", styled(BOLD, table));
    for setting in settings {
        let default = if setting.default.is_empty() { "none".into() } else { setting.default.clone() };
        let _ =
            writeln!(out, "  {} = {default}\n      {}", setting.name, styled(DIM, &wrapped(&setting.about, "      ")));
    }
}

fn bugs(pattern: &dyn AnyPattern, scenarios: &Path) -> String {
    if pattern.bugs().is_empty() {
        return format!("{} has no planted bugs.\n", styled(BOLD, pattern.name()));
    }
    let mut out = format!("{}\n", styled(BOLD, "Planted bugs: [config] bug = \"..\""));
    for bug in pattern.bugs() {
        let run = format!("faultlab run {}", scenarios.join(bug.scenario).display());
        let _ = writeln!(
            out,
            "  {}\n      {}\n      {}\n      {}",
            wrapped(&format!("{}: {}", bug.name, bug.about), "    "),
            styled(DIM, &wrapped(&format!("history: {}", bug.history), "      ")),
            styled(DIM, &format!("caught by {}:", bug.caught_by)),
            styled(DIM, &run)
        );
    }
    out
}

fn property(pattern: &str, claim: &Claim) -> String {
    let (kind, why) = (claim.kind.word(), wrapped(claim.why, "  "));
    format!("{} ({pattern}, {kind}): {}.\n  {why}\n", styled(BOLD, claim.name), claim.claim)
}

fn property_json(found: &[(&str, Claim)]) -> String {
    let value = |(pattern, claim): &(&str, Claim)| serde_json::json!({ "pattern": pattern, "name": claim.name, "kind": claim.kind.word(), "claim": claim.claim, "why": claim.why });
    let values: Vec<_> = found.iter().map(value).collect();
    serde_json::to_string_pretty(&values).expect("an explanation is plain data") + "\n"
}

fn json(pattern: &dyn AnyPattern) -> String {
    let setting = |setting: &SettingInfo| serde_json::json!({ "name": setting.name, "default": setting.default, "about": setting.about });
    let settings = |list: Vec<SettingInfo>| list.iter().map(setting).collect::<Vec<_>>();
    let claim = |claim: &Claim| serde_json::json!({ "name": claim.name, "kind": claim.kind.word(), "claim": claim.claim, "why": claim.why });
    let value = serde_json::json!({
        "name": pattern.name(),
        "summary": pattern.summary(),
        "essay": pattern.essay(),
        "roles": pattern.roles(),
        "config": settings(pattern.config_settings()),
        "workload": settings(pattern.load_settings()),
        "properties": pattern.claims().iter().map(claim).collect::<Vec<_>>(),
        "counters": pattern.counters().iter().map(|c| serde_json::json!({ "name": c.name, "about": c.about })).collect::<Vec<_>>(),
        "bugs": pattern.bugs().iter().map(|b| serde_json::json!({ "name": b.name, "about": b.about, "history": b.history, "caught_by": b.caught_by, "scenario": b.scenario })).collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&value).expect("an explanation is plain data") + "\n"
}
