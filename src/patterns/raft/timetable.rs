//! How scenarios write what an operator wants, and when.

use super::admin::{Step, Wish};
use super::config::Config;
use super::membership::Changes;
use crate::engine::{NodeId, Span};
use crate::scenario::SettingProblem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of the members: exactly one of `add`, `add_learner`, `remove` and `members`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconfigure {
    /// When the operator asks for it.
    pub at: Span,
    /// How long the operator keeps asking; if left out, until it is so or is refused for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// This server gets a vote, once it has caught up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<String>,
    /// This server gets the log without a vote; a voter loses its vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_learner: Option<String>,
    /// This server takes part no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
    /// These are the voters from then on, and nobody else takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<String>>,
}

/// A change of leaders that an operator wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handover {
    /// When the operator asks for it.
    pub at: Span,
    /// How long the operator keeps asking; if left out, until it is so or is refused for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Who is to lead.
    pub to: String,
}

/// The server called `name`, if there is one.
fn server(name: &str, config: &Config) -> Result<NodeId, (String, String)> {
    let number = name.strip_prefix('n').and_then(|number| number.parse::<u32>().ok());
    let known = number.filter(|number| (1..=config.nodes).contains(number) && name == format!("n{number}"));
    known.map(|number| NodeId(number - 1)).ok_or_else(|| {
        let message = format!("there is no server `{name}`");
        (message, format!("the servers are n1 to n{}; raise `nodes` and `standby` to have more", config.nodes))
    })
}

impl Reconfigure {
    fn wish(&self, config: &Config) -> Result<Wish, (String, String)> {
        match self {
            Self { add: Some(name), add_learner: None, remove: None, members: None, .. } => {
                server(name, config).map(Wish::Add)
            }
            Self { add: None, add_learner: Some(name), remove: None, members: None, .. } => {
                server(name, config).map(Wish::AddLearner)
            }
            Self { add: None, add_learner: None, remove: Some(name), members: None, .. } => {
                server(name, config).map(Wish::Remove)
            }
            Self { add: None, add_learner: None, remove: None, members: Some(names), .. } => {
                if names.is_empty() {
                    let help = "name at least one server, as in members = [\"n2\", \"n3\", \"n4\"]";
                    return Err(("nobody would be left".into(), help.into()));
                }
                if config.changes == Changes::Single {
                    let message = "`members` changes several voters at once, which `changes = \"single\"` rules out";
                    return Err((message.into(), "write one step for each server, or changes = \"joint\"".into()));
                }
                let servers: Result<_, _> = names.iter().map(|name| server(name, config)).collect();
                servers.map(Wish::Become)
            }
            _ => {
                let message = "a change says exactly one of `add`, `add_learner`, `remove` and `members`";
                Err((message.into(), "write one change a line, as in { at = \"5s\", add = \"n4\" }".into()))
            }
        }
    }
}

/// All steps in the order in which they are written, or what is wrong with them.
pub(super) fn steps(
    reconfigure: &[Reconfigure],
    transfer: &[Handover],
    config: &Config,
) -> Result<Vec<Step>, Vec<SettingProblem>> {
    let changes = reconfigure.iter().enumerate().map(|(place, line)| {
        let wish = line.wish(config).map(|wish| Step { at: line.at, wish, within: line.within });
        wish.map_err(|(message, help)| problem("reconfigure", place, &message, help))
    });
    let transfers = transfer.iter().enumerate().map(|(place, line)| {
        let wish = server(&line.to, config).map(|to| Step { at: line.at, wish: Wish::Lead(to), within: line.within });
        wish.map_err(|(message, help)| problem("transfer", place, &message, help))
    });
    let (mut steps, mut problems) = (Vec::new(), Vec::new());
    for step in changes.chain(transfers) {
        match step {
            Ok(step) => steps.push(step),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(steps) } else { Err(problems) }
}

fn problem(list: &'static str, place: usize, message: &str, help: String) -> SettingProblem {
    SettingProblem::workload(list, format!("step {} of `{list}`: {message}", place + 1), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reconfigure: Reconfigure, changes: Changes) -> Result<Vec<Step>, String> {
        let config = Config { changes, ..Config::default() };
        steps(&[reconfigure], &[], &config).map_err(|problems| problems[0].message.clone())
    }

    #[test]
    fn steps_are_read_and_nonsense_is_refused() {
        let add = |name: &str| Reconfigure { add: Some(name.into()), ..Reconfigure::default() };
        assert_eq!(check(add("n5"), Changes::Single).unwrap()[0].wish, Wish::Add(NodeId(4)));
        assert!(check(add("n6"), Changes::Joint).unwrap_err().contains("no server `n6`"));
        assert!(check(add("n05"), Changes::Joint).is_err());
        assert!(check(Reconfigure::default(), Changes::Joint).unwrap_err().contains("exactly one"));
        assert!(check(Reconfigure { remove: Some("n1".into()), ..add("n2") }, Changes::Joint).is_err());
        let all = |names: &[&str]| Reconfigure {
            members: Some(names.iter().map(|name| (*name).to_owned()).collect()),
            ..Reconfigure::default()
        };
        assert!(check(all(&["n1", "n2"]), Changes::Joint).is_ok());
        assert!(check(all(&["n1", "n2"]), Changes::Single).unwrap_err().contains("several voters"));
        assert!(check(all(&[]), Changes::Joint).unwrap_err().contains("nobody"));
    }
}
