//! ListKeyRotations: when a key has got new material; with the first one where all are asked for.

use super::metadata::seconds;
use crate::authorize::Asked;
use crate::key::{Key, Material, MaterialOrigin};
use crate::page::{self, Page};
use crate::service::Kms;
use model::ApiError;
use model::kms::RotationsListEntry;
use model::kms::{ListKeyRotations, ListKeyRotationsInput, ListKeyRotationsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const LIMIT: usize = 100;

impl Operation<Kms> for ListKeyRotations {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListKeyRotationsInput> = Validation::MODEL;
    type Plan = ListKeyRotationsInput;

    fn check(input: ListKeyRotationsInput) -> Result<ListKeyRotationsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ListKeyRotationsInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListKeyRotationsInput) -> Result<ListKeyRotationsOutput, ApiError> {
        let asked = Asked::new("kms:ListKeyRotations", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
        let all = plan.include_key_material.as_deref() == Some("ALL_KEY_MATERIAL");
        let (current, limit) = (&key.current_material().id, page::limit(plan.limit, LIMIT));
        let shown = key.materials.iter().enumerate();
        let shown = shown.filter(|(_, material)| all || material.origin != MaterialOrigin::Creation);
        let behind = page::marker(plan.marker.as_deref())?.map(str::to_owned);
        let entries: Vec<_> =
            shown.map(|(at, material)| (format!("{at:010}"), entry(&key, material, current, all))).collect();
        let page = Page::behind(entries, behind.as_deref(), limit, |(at, _)| at.clone());
        Ok(ListKeyRotationsOutput {
            rotations: Some(page.entries.into_iter().map(|(_, entry)| entry).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}

fn entry(key: &Key, material: &Material, current: &str, all: bool) -> RotationsListEntry {
    let state = if material.id == current { "CURRENT" } else { "NON_CURRENT" };
    let rotation_type = match material.origin {
        MaterialOrigin::Creation => None,
        MaterialOrigin::Automatic => Some("AUTOMATIC"),
        MaterialOrigin::OnDemand => Some("ON_DEMAND"),
    };
    RotationsListEntry {
        key_id: Some(key.id.clone()),
        key_material_id: Some(material.id.clone()),
        key_material_state: all.then(|| state.to_owned()),
        rotation_date: rotation_type.map(|_| seconds(material.created_micros)),
        rotation_type: rotation_type.map(str::to_owned),
        ..RotationsListEntry::default()
    }
}
