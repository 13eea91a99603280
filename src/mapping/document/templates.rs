//! Every string of a document that may hold holes.

use crate::mapping::document::{
    CallDocument, Document, ErrorRowDocument, RuleDocument, SignedPiece, SourceDocument, Text, Tree,
};

impl Document {
    /// The templates, in no particular order.
    pub fn templates(&self) -> Vec<&Text> {
        let upstream = &self.upstream;
        let mut texts: Vec<&Text> = upstream.url.iter().chain(&upstream.call).collect();
        texts.extend(upstream.headers.iter().chain(&upstream.query).map(|(_, value)| value));
        texts.extend(upstream.basic.iter().flat_map(|(user, password)| [user, password]));
        if let Some(sign) = &upstream.sign {
            texts.push(&sign.key);
            let pieces = sign.over.iter().chain(&sign.text).flatten();
            texts.extend(pieces.filter_map(|piece| match piece {
                SignedPiece::Template(text) => Some(text),
                SignedPiece::Request(_) => None,
            }));
        }
        of_rows(&upstream.errors, &mut texts);
        if let Some(session) = &upstream.session {
            of_call(&session.call, &mut texts);
        }
        for resource_type in &self.types {
            for (_, tree) in &resource_type.constants {
                tree.texts(&mut texts);
            }
            for rule in &resource_type.attributes {
                of_rule(rule, &mut texts);
            }
            for call in resource_type.calls() {
                of_call(call, &mut texts);
            }
        }
        texts
    }
}

impl super::TypeDocument {
    /// The calls of all operations.
    pub fn calls(&self) -> impl Iterator<Item = &CallDocument> {
        self.list.iter().chain(&self.get).chain(&self.create).chain(&self.update).chain(&self.delete)
    }
}

/// The templates of a call, of its `before` and of its `undo`.
fn of_call<'d>(call: &'d CallDocument, texts: &mut Vec<&'d Text>) {
    texts.extend(&call.call);
    texts.extend(call.headers.iter().chain(&call.query).map(|(_, value)| value));
    if let Some(body) = &call.body {
        body.texts(texts);
    }
    for (_, tree) in &call.add {
        tree.texts(texts);
    }
    if let Some(SourceDocument::Call { call, .. }) = &call.total {
        texts.push(call);
    }
    of_rows(&call.errors, texts);
    for other in call.before.iter().chain(call.undo.as_deref()) {
        of_call(other, texts);
    }
}

/// The templates of error rows.
fn of_rows<'d>(rows: &'d [ErrorRowDocument], texts: &mut Vec<&'d Text>) {
    texts.extend(rows.iter().filter_map(|row| row.detail.as_ref()));
}

/// The templates of a rule and of its elements' rules.
fn of_rule<'d>(rule: &'d RuleDocument, texts: &mut Vec<&'d Text>) {
    if let Some(default) = &rule.default {
        default.texts(texts);
    }
    for element in &rule.each {
        of_rule(element, texts);
    }
}

impl Tree {
    /// Adds the strings of the tree, in order.
    pub fn texts<'d>(&'d self, texts: &mut Vec<&'d Text>) {
        match self {
            Self::Text(text) => texts.push(text),
            Self::Literal(_) => {}
            Self::List(elements) => elements.iter().for_each(|element| element.texts(texts)),
            Self::Table(members) => members.iter().for_each(|(_, member)| member.texts(texts)),
        }
    }
}
