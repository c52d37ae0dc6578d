//! Operations that nobody can be asked.

use super::{Collector, node_names};
use crate::engine::trace::NodeInfo;
use crate::scenario::diagnostic::help_for;
use crate::scenario::file::Scenario;
use crate::scenario::pattern::Pattern;

/// What is wrong with the list of operations in this cluster.
pub(super) fn problems<P: Pattern>(file: &Scenario<P::Config, P::Load>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    let clients: Vec<NodeInfo> = infos.iter().filter(|info| info.client).cloned().collect();
    for (index, operation) in file.operation.iter().enumerate() {
        let number = index.to_string();
        let place = |key: &'static str| ["operation", number.as_str(), key];
        if operation.at >= file.duration {
            let message = format!("the operation begins at {}, but the run is over at {}", operation.at, file.duration);
            found.add(&place("at"), message, "begin earlier or run longer");
        }
        if !clients.iter().any(|info| info.name == operation.client) {
            let help = help_for("clients", &operation.client, node_names(&clients));
            found.add(&place("client"), format!("no client is called `{}`", operation.client), help);
        }
        if let Err(expected) = P::read_op(&operation.ask) {
            found.add(&place("ask"), format!("`{}` is no operation of {}", operation.ask, P::NAME), expected);
        }
    }
}
