//! Document to [`Mapping`], collecting diagnostics.

use crate::mapping::call::{Call, UpstreamSettings};
use crate::mapping::check;
use crate::mapping::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::mapping::document::{Document, PutMissing};
use crate::mapping::hole::BodyTemplate;
use crate::mapping::read::ReadPlan;
use crate::mapping::source::{Source, Span};
use crate::mapping::view::View;

pub mod call;
mod inverse;
mod names;
pub(in crate::mapping) mod offered;
mod own;
pub mod policy;
mod resource_type;
pub mod rule;

pub use inverse::InverseList;
use policy::Policies;

#[cfg(test)]
mod tests;

/// A compiled mapping: all that the request path sees.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The upstream.
    pub upstream: UpstreamSettings,
    /// The resource types, in file order.
    pub types: Vec<TypeMapping>,
    /// The secrets that it uses, each with the first place of use, in file order.
    pub secrets: Vec<(String, Span)>,
    /// Where it first says that the bridge itself keeps an attribute.
    pub kept: Option<Span>,
    /// The variables of the tenant that it uses, `name` aside, each with the first place of use, in file order.
    pub variables: Vec<(String, Span)>,
}

/// One resource type, compiled.
#[derive(Clone, Debug)]
pub struct TypeMapping {
    /// The rules.
    pub view: View,
    /// The streaming plan, where the rules allow one.
    pub plan: Option<ReadPlan>,
    /// The list calls, in file order; the same for the next four.
    pub list: Vec<Call>,
    /// `get`
    pub get: Vec<Call>,
    /// `create`
    pub create: Vec<Call>,
    /// `update`
    pub update: Vec<Call>,
    /// `delete`
    pub delete: Delete,
    /// The index of the rule that identifies an existing resource.
    pub key: Option<usize>,
    /// What is hidden or protected, what a create does about a resource that exists.
    pub policies: Policies,
    /// Written into every created record.
    pub constants: BodyTemplate,
    /// What a PUT that leaves an attribute out means.
    pub on_put_missing: PutMissing,
    /// Its lists that are stored in other resources.
    pub inverse: Vec<InverseList>,
}

/// What DELETE does.
#[derive(Clone, Debug)]
pub enum Delete {
    /// 501.
    None,
    /// Calls, in order.
    Calls(Vec<Call>),
    /// Attributes set through the planner: rule index and SCIM value.
    Set(Vec<(usize, serde_json::Value)>),
}

/// Reads, compiles and checks a mapping. The mapping is there iff no finding is an error.
///
/// All faults are told at once, with two exceptions: what is not TOML is not read, and the laws across rules and calls are
/// asked only where every rule and call is sound in itself. `found` comes back in the order of the file.
pub fn load(source: &Source, found: &mut Diagnostics) -> Option<Mapping> {
    let mapping = Document::read(source, found).and_then(|document| {
        let misread = found.found.len();
        let mapping = assemble(&document, found);
        call::check_session(&document, found);
        drop_consequences(source, misread, found);
        if let Some(mapping) = mapping.as_ref().filter(|_| !found.has_errors()) {
            check::laws(source, &document, mapping, found);
        }
        mapping
    });
    found.sort();
    mapping.filter(|_| !found.has_errors())
}

/// Drops what was found missing (`E20`) in a part of the file in which a key or value could not be read: that is why.
fn drop_consequences(source: &Source, misread: usize, found: &mut Diagnostics) {
    let misread: Vec<Span> = found.found[..misread].iter().map(|finding| finding.span.clone()).collect();
    let is_consequence = |finding: &Diagnostic| {
        let part = source.part(&finding.span);
        finding.code == Code::E20 && misread.iter().any(|fault| part.start < fault.start && fault.end <= part.end)
    };
    found.found.retain(|finding| !is_consequence(finding));
}

/// Compiles all parts, each whether or not another has a fault.
fn assemble(document: &Document, found: &mut Diagnostics) -> Option<Mapping> {
    let upstream = call::compile_upstream(&document.upstream, found);
    let unset = document.upstream.unset.as_ref().map_or(serde_json::Value::Null, |unset| unset.value.clone());
    own::check_endpoints(&document.types, found);
    let names: Vec<&str> = document.types.iter().filter_map(|kind| Some(kind.name.as_ref()?.value.as_str())).collect();
    let types: Vec<_> = document
        .types
        .iter()
        .map(|resource_type| {
            let holding = resource_type.name.as_ref().map(|name| inverse::holding(&name.value, document));
            let surroundings = (&unset, names.as_slice(), holding.unwrap_or_default());
            resource_type::compile(resource_type, &document.upstream, surroundings, found)
        })
        .collect();
    let mut types: Option<Vec<_>> = types.into_iter().collect();
    if let Some(types) = &mut types {
        inverse::link(document, types, found);
    }
    let (secrets, variables) = names::used(document);
    let rules = document.types.iter().flat_map(|kind| &kind.attributes);
    let mut kept = rules.filter_map(|rule| rule.kept.as_ref().filter(|kept| kept.value));
    let kept = kept.next().map(|kept| kept.span.clone());
    Some(Mapping { upstream: upstream?, types: types?, secrets, kept, variables })
}
