//! What a pattern must offer to be run by scenario files, and how its types are hidden.
//!
//! [`Pattern`] is typed: it names its protocol, its settings and its load. A blanket implementation turns every pattern
//! into an [`AnyPattern`], whose methods mention no such type; a [`Catalogue`] is a list of those. Types are erased once a run
//! this way, not once a message.

use super::diagnostic::ScenarioError;
use super::draw::Class;
use super::load::Loaded;
use super::run::{RunOptions, RunReport};
use super::schema::{self, SettingInfo};
use super::study::Study;
use super::write::Document;
use crate::actor::Protocol;
use crate::check::{Claim, Monitor};
use crate::engine::random::Stream;
use crate::engine::{NodeId, Rate, Span, SpanRange};
use crate::sim::{Cluster, World, workload};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

/// Settings of a pattern: a struct with serde's `Deserialize` and `Serialize`, schemars' `JsonSchema`, and defaults.
pub trait Settings:
    DeserializeOwned + Serialize + JsonSchema + Default + Clone + Debug + Send + Sync + 'static
{
}

impl<T: DeserializeOwned + Serialize + JsonSchema + Default + Clone + Debug + Send + Sync + 'static> Settings for T {}

/// The most servers that a pattern should accept.
pub const MAX_SERVERS: u32 = 1_000;
/// The most clients that a pattern should accept.
pub const MAX_CLIENTS: u32 = 1_000;

/// A setting whose value cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// Where: `["config", "nodes"]`.
    pub path: Vec<&'static str>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl SettingProblem {
    /// A problem with `[config]`'s setting `name`.
    pub fn config(name: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: vec!["config", name], message: message.into(), help: help.into() }
    }

    /// A problem with `[workload]`'s setting `name`.
    pub fn workload(name: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: vec!["workload", name], message: message.into(), help: help.into() }
    }

    /// A problem unless `value` lies between `min` and `max`.
    pub fn unless_within(path: [&'static str; 2], value: u64, min: u64, max: u64) -> Option<Self> {
        let message = format!("`{}` is {value}, which is not between {min} and {max}", path[1]);
        let help = format!("choose a number from {min} to {max}");
        (!(min..=max).contains(&value)).then(|| Self { path: path.to_vec(), message, help })
    }
}

/// A bug that can be planted: one `if` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bug {
    /// Its name in `[config] bug = ".."`.
    pub name: &'static str,
    /// What is wrong, and when it does harm.
    pub about: &'static str,
    /// Where it happened in reality, or who warned of it.
    pub history: &'static str,
    /// The property that catches it.
    pub caught_by: &'static str,
    /// The scenario, in the folder of scenarios, in which it does.
    pub scenario: &'static str,
}

/// A counter that a pattern notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its name in `[expect]` and in the summary.
    pub name: &'static str,
    /// What it counts.
    pub about: &'static str,
}

/// A pattern of distributed systems, ready to run.
pub trait Pattern: Sync + Send + 'static {
    /// What its nodes say.
    type Protocol: Protocol;
    /// `[config]`.
    type Config: Settings;
    /// `[workload]`.
    type Load: Settings;

    /// Its name in scenario files.
    const NAME: &'static str;
    /// What it is, in one line.
    const SUMMARY: &'static str;
    /// What it is, why it exists, how it fails: Markdown.
    const ESSAY: &'static str;
    /// The roles that its servers take.
    const ROLES: &'static [&'static str];

    /// What is wrong with these settings; called before anything is built from them.
    fn problems(config: &Self::Config, load: &Self::Load) -> Vec<SettingProblem>;

    /// The servers and clients.
    fn cluster(config: &Self::Config, load: &Self::Load) -> Cluster<Self::Protocol>;

    /// What clients are asked, and when.
    fn load(config: &Self::Config, load: &Self::Load) -> (Box<dyn workload::Workload<Self::Protocol>>, workload::Pace);

    /// Reads an operation in the words in which its `Debug` shows it; the error says what was expected.
    fn read_op(text: &str) -> Result<<Self::Protocol as Protocol>::Op, String>;

    /// Draws other settings that should serve as well under the faults of this class: in swarms and storms more or fewer servers and
    /// clients, small batches, tight timeouts. What a scenario file says outlives it.
    fn vary(_config: &mut Self::Config, _load: &mut Self::Load, _class: Class, _chance: &mut Stream) {}

    /// Who of the core has not come to rest and what it waits for, as in "waits for a leader"; empty when all have. Looked at
    /// when a scenario asks for settling, besides the operations that are still open.
    fn unsettled(_world: &World<Self::Protocol>, _core: &[NodeId]) -> Vec<(NodeId, String)> {
        Vec::new()
    }

    /// The pattern's properties.
    fn monitors(config: &Self::Config, load: &Self::Load) -> Vec<Box<dyn Monitor<Self::Protocol>>>;

    /// The bugs that can be planted.
    fn bugs() -> &'static [Bug] {
        &[]
    }

    /// Published results about it, and how to measure them here.
    fn studies() -> &'static [Study] {
        &[]
    }

    /// The counters that its nodes note.
    fn counters() -> &'static [Counter] {
        &[]
    }
}

/// A pattern whose types are hidden.
pub trait AnyPattern: Sync {
    /// [`Pattern::NAME`].
    fn name(&self) -> &'static str;
    /// [`Pattern::SUMMARY`].
    fn summary(&self) -> &'static str;
    /// [`Pattern::ESSAY`].
    fn essay(&self) -> &'static str;
    /// [`Pattern::ROLES`].
    fn roles(&self) -> &'static [&'static str];
    /// The claims that its runs are judged by under default settings.
    fn claims(&self) -> Vec<Claim>;
    /// [`Pattern::bugs`].
    fn bugs(&self) -> &'static [Bug];
    /// [`Pattern::studies`].
    fn studies(&self) -> &'static [Study];
    /// [`Pattern::counters`].
    fn counters(&self) -> &'static [Counter];
    /// The settings of `[config]`, with their defaults.
    fn config_settings(&self) -> Vec<SettingInfo>;
    /// The settings of `[workload]`, with their defaults.
    fn load_settings(&self) -> Vec<SettingInfo>;
    /// The JSON Schema of this pattern's scenario files.
    fn schema(&self) -> schemars::Schema;
    /// Reads a scenario of this pattern; `name` is the file's, for messages.
    fn load(&self, name: &str, text: &str) -> Result<Box<dyn AnyScenario>, ScenarioError>;
}

/// A scenario whose types are hidden.
pub trait AnyScenario: Send + Sync {
    /// Its claim.
    fn title(&self) -> &str;
    /// What to look for.
    fn about(&self) -> &str;
    /// Its pattern.
    fn pattern(&self) -> &'static str;
    /// Its seed.
    fn seed(&self) -> u64;
    /// Its simulated time.
    fn duration(&self) -> Span;
    /// The properties that it demonstrates to break.
    fn violates(&self) -> &[String];
    /// The names of its nodes, and whether each is a client.
    fn nodes(&self) -> Vec<(String, bool)>;
    /// The same run as a document without a nemesis: every fault once, at its moment, and with the names of those whom it
    /// struck as far as [`RunReport::struck`] tells them.
    fn explicit(&self, struck: &[Vec<Vec<String>>]) -> Document;
    /// The kinds of its faults, each once.
    fn faults(&self) -> Vec<&'static str>;
    /// Runs it.
    fn run(&self, options: &RunOptions) -> RunReport;
    /// What would stand in its file, without what goes without saying.
    fn document(&self) -> Document;
    /// The plan that a seed leads to: a scenario of its own.
    fn draw(&self, class: Class, seed: u64) -> Box<dyn AnyScenario>;
}

/// The patterns that scenarios can name.
pub type Catalogue = [&'static dyn AnyPattern];

impl<T: Pattern> AnyPattern for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn summary(&self) -> &'static str {
        T::SUMMARY
    }

    fn essay(&self) -> &'static str {
        T::ESSAY
    }

    fn roles(&self) -> &'static [&'static str] {
        T::ROLES
    }

    fn claims(&self) -> Vec<Claim> {
        let monitors = T::monitors(&T::Config::default(), &T::Load::default());
        monitors.iter().flat_map(|monitor| monitor.claims()).collect()
    }

    fn bugs(&self) -> &'static [Bug] {
        T::bugs()
    }

    fn studies(&self) -> &'static [Study] {
        T::studies()
    }

    fn counters(&self) -> &'static [Counter] {
        T::counters()
    }

    fn config_settings(&self) -> Vec<SettingInfo> {
        schema::settings_of::<T::Config>()
    }

    fn load_settings(&self) -> Vec<SettingInfo> {
        schema::settings_of::<T::Load>()
    }

    fn schema(&self) -> schemars::Schema {
        schema::of_pattern::<T>()
    }

    fn load(&self, name: &str, text: &str) -> Result<Box<dyn AnyScenario>, ScenarioError> {
        Ok(Box::new(Loaded::<T>::read(name, text)?))
    }
}

/// When clients are asked, as written: `{ think = "20ms..80ms" }` for a closed loop, `{ rate = "200/s" }` for an open one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Closed loop: how long a client waits between an answer and its next operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub think: Option<SpanRange>,
    /// Open loop: operations of all clients together, whatever the answers do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Open loop: whether gaps are all alike or drawn as in a Poisson process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<Arrivals>,
}

/// The shortest gap of an open loop: beyond a million operations a second a run holds nothing but its own backlog.
const FASTEST: Span = Span::from_micros(1);

/// How the gaps of an open loop are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arrivals {
    /// All alike.
    Constant,
    /// Exponentially distributed.
    Poisson,
}

impl Pace {
    /// A closed loop with this time to think.
    pub fn closed(think: impl Into<SpanRange>) -> Self {
        Self { think: Some(think.into()), rate: None, arrivals: None }
    }

    /// What is wrong with this pace.
    pub fn problem(&self) -> Option<SettingProblem> {
        let help = "write { think = \"20ms..80ms\" } for a closed loop, or { rate = \"200/s\" } for an open one";
        let message = match (self.think, self.rate, self.arrivals) {
            (None, None, _) => "a pace needs `think` or `rate`",
            (Some(_), Some(_), _) => "a pace is either closed (`think`) or open (`rate`), not both",
            (None, Some(rate), _) if rate.interval() < FASTEST => "a pace of more than 1,000,000/s is no pace",
            (Some(_), None, Some(_)) => "`arrivals` belongs to an open loop, but this one is closed",
            _ => return None,
        };
        Some(SettingProblem::workload("pace", message, help))
    }

    /// The pace as the simulator takes it.
    ///
    /// # Panics
    /// If [`problem`](Self::problem) finds one.
    pub fn build(&self) -> workload::Pace {
        match (self.think, self.rate, self.arrivals) {
            (Some(think), ..) => workload::Pace::Closed { think },
            (_, Some(rate), Some(Arrivals::Constant)) => workload::Pace::Constant { rate },
            (_, Some(rate), _) => workload::Pace::Poisson { rate },
            _ => panic!("a pace is checked before it is built"),
        }
    }
}
