//! A nemesis that contradicts itself, or can never strike.

use super::Collector;
use super::faults::victim;
use crate::engine::Span;
use crate::engine::trace::NodeInfo;
use crate::scenario::file::Scenario;
use crate::scenario::nemesis::{Kind, NemesisTable, Run};
use crate::scenario::pattern::Pattern;
use crate::scenario::run;

/// Fewer gaps than this make more faults than a run takes.
const SHORTEST_GAP: Span = Span::from_millis(1);

/// What is wrong with the nemesis in this cluster.
pub(super) fn problems<P: Pattern>(file: &Scenario<P::Config, P::Load>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    let Some(nemesis) = &file.nemesis else { return };
    let before = found.problems.len();
    times(nemesis, file.duration, found);
    kinds(nemesis, found);
    without_effect(nemesis, file, infos, found);
    for (index, target) in nemesis.targets.iter().enumerate() {
        victim::<P>(&["nemesis", "targets", &index.to_string()], target, infos, found);
    }
    if nemesis.at_once == 0 {
        found.add(&["nemesis", "at_once"], "with no fault at once none ever strikes", "choose at least 1");
    }
    if found.problems.len() > before {
        return;
    }
    let servers = infos.iter().filter(|info| !info.client).count() as u32;
    let drawn = |seed| {
        // The file's own faults may leave no room under this seed; what counts is whether it could ever strike.
        nemesis.draw(&Run { seed, duration: file.duration, servers, roles: P::ROLES, others: &[] }).len()
    };
    if (0..8).all(|seed| drawn(seed) == 0) {
        let help = match nemesis.keep_majority {
            true => {
                "a minority of the servers must be left for its targets: give smaller `targets`, more servers, or keep_majority = false"
            }
            false => "make `every` shorter, or the run longer",
        };
        found.add(&["nemesis"], "this nemesis never strikes", help);
    }
    if drawn(file.seed) > run::MOST_FAULTS {
        let message = format!("this makes more than {} faults, and a run takes no more", run::MOST_FAULTS);
        found.add(&["nemesis", "every"], message, "leave more time between them, or run shorter");
    }
}

fn times(nemesis: &NemesisTable, duration: Span, found: &mut Collector<'_>) {
    if nemesis.every.min < SHORTEST_GAP {
        let message = format!("faults that begin {} after one another are too many", nemesis.every.min);
        found.add(&["nemesis", "every"], message, "leave at least \"1ms\" between them");
    }
    if nemesis.lasts.min.is_zero() {
        found.add(&["nemesis", "for"], "a fault of no length does nothing", "write such as for = \"10ms..2s\"");
    }
    let end = nemesis.end(duration);
    if nemesis.from >= end {
        let message = format!("the first fault may begin at {}, but all are over at {end}", nemesis.from);
        found.add(&["nemesis", "from"], message, "begin earlier, or set `until` later");
    }
    for (index, _) in nemesis.phase.iter().enumerate().filter(|(_, phase)| phase.lasts.is_zero()) {
        let place = ["nemesis", "phase", &index.to_string(), "for"];
        found.add(&place, "a phase of no length never comes", "write such as for = \"5s\"");
    }
}

fn kinds(nemesis: &NemesisTable, found: &mut Collector<'_>) {
    let all = || nemesis.kinds.iter().chain(nemesis.phase.iter().flat_map(|phase| &phase.kinds));
    if all().count() == 0 {
        let help = "write such as kinds = [\"crash\", \"partition\", \"pause\"]";
        found.add(&["nemesis", "kinds"], "a nemesis that can do nothing", help);
    }
    if nemesis.keep_majority && all().any(|kind| *kind == Kind::Blackout) {
        let message = "a blackout takes all servers, but `keep_majority` forbids to harm a majority";
        found.add(&["nemesis", "kinds"], message, "set keep_majority = false, or leave the blackout out");
    }
}

/// Kinds that can do nothing in this cluster.
fn without_effect<C, L>(nemesis: &NemesisTable, file: &Scenario<C, L>, infos: &[NodeInfo], found: &mut Collector<'_>) {
    let all = || nemesis.kinds.iter().chain(nemesis.phase.iter().flat_map(|phase| &phase.kinds));
    let alone = infos.iter().filter(|info| !info.client).count() < 2;
    if alone && all().any(|kind| *kind == Kind::Partition) {
        let help = "\"isolate\" cuts a server off from its clients too";
        found.add(&["nemesis", "kinds"], "a partition needs two servers, and there is one", help);
    }
    let disks = [Kind::SlowDisk, Kind::Stall];
    if file.disk.sync.law().is_zero() && all().any(|kind| disks.contains(kind)) {
        let help = "give syncs a length, such as [disk] sync = \"1ms\", or leave these kinds out";
        found.add(&["nemesis", "kinds"], "syncs take no time, so a slow or stalled disk changes nothing", help);
    }
}
