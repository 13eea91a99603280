//! Resource types whose lists are stored in one another.
//!
//! Who changes such a list holds the lock on its own resource and waits for those on the others. Where the types lead back to the
//! first one, two such changes could wait for each other; they run one at a time then.

use crate::mapping::TypeMapping;

/// For each type: the lowest index of the types that it leads to and that lead back to it; `None` where none does.
pub(crate) fn circles(types: &[TypeMapping]) -> Vec<Option<usize>> {
    let leads = |mapping: &TypeMapping| {
        let is_written = |rule: usize| mapping.view.rules.get(rule).is_some_and(crate::mapping::Rule::is_writable);
        let written = mapping.inverse.iter().filter(|inverse| is_written(inverse.rule));
        written.map(|inverse| inverse.kind).collect()
    };
    of(&types.iter().map(leads).collect::<Vec<_>>())
}

/// The same, of where each type leads.
fn of(leads: &[Vec<usize>]) -> Vec<Option<usize>> {
    let reached: Vec<Vec<bool>> = (0..leads.len()).map(|from| reached(leads, from)).collect();
    let lowest = |from: usize| (0..leads.len()).find(|other| reached[from][*other] && reached[*other][from]);
    (0..leads.len()).map(lowest).collect()
}

/// Which types one leads to, by one step or more.
fn reached(leads: &[Vec<usize>], from: usize) -> Vec<bool> {
    let mut reached = vec![false; leads.len()];
    let mut open = leads[from].clone();
    while let Some(next) = open.pop() {
        if !std::mem::replace(&mut reached[next], true) {
            open.extend(&leads[next]);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_in_a_circle_iff_they_lead_back_to_themselves() {
        let table = [
            ("groups in users", vec![vec![], vec![0]], vec![None, None]),
            ("each in the other", vec![vec![1], vec![0]], vec![Some(0), Some(0)]),
            ("one in itself", vec![vec![], vec![1]], vec![None, Some(1)]),
            (
                "three in a ring, and one that leads there",
                vec![vec![1], vec![2], vec![3], vec![1]],
                vec![None, Some(1), Some(1), Some(1)],
            ),
            ("two circles", vec![vec![1, 2], vec![0], vec![2]], vec![Some(0), Some(0), Some(2)]),
        ];
        for (name, leads, wanted) in table {
            assert_eq!(of(&leads), wanted, "{name}");
        }
    }
}
