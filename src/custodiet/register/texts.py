"""What a search reads: one text for each thing of the register that has words of its own, gathered once, at the end."""

from custodiet.store import Register

_TEXTS = """
    select 'use-case' as kind, handle as id, name, agency, inventory_year as year,
      concat_ws(' · ', published_id, name, bureau, purpose.value, benefits.value, outputs.value, vendor.value,
        system_name.value, data_description.value, potential_impacts.value, justification.value,
        contract_number.value) as text
    from use_cases
    union all
    select p.kind, p.slug, p.name, null, null, concat_ws(' · ', p.name, array_to_string(p.aliases, ' · '))
    from pages p
    union all
    select 'vendor', o.organisation, o.name, null, null, concat_ws(' · ', o.name, string_agg(n.name, ' · ' order by n.name))
    from organisations o join organisation_names n using (organisation) where o.page is null
    group by o.organisation, o.name
    union all
    select 'agency', agency, max_by(agency_name, inventory_year), agency, null,
      concat_ws(' · ', agency, max_by(agency_name, inventory_year))
    from use_cases group by agency
    union all
    select 'claim', c.claim, p.name, null, null, c.says from claims c join pages p using (slug)
    union all
    select 'award', award, agency || ' ' || piid, agency, year(last_action),
      concat_ws(' · ', piid, parent_piid, array_to_string(recipients, ' · '), description)
    from awards
    union all
    select 'notice', release || ' ' || "row", title, null, year(published), concat_ws(' · ', number, title, agencies)
    from notices
    union all
    select 'document', coalesce(url, title || ', ' || publisher), min(title), null, null,
      concat_ws(' · ', min(title), min(publisher)) from claim_sources where kind <> 'inventory'
    group by coalesce(url, title || ', ' || publisher)
    union all
    select 'finding', f.finding, r.title || ': ' || f.subject_name, f.agency, null,
      concat_ws(' · ', r.title, f.subject_name, f.subject_id, f.bureau, f.reason)
    from findings f join rules r using (rule) where f.outcome = 'gap'
    union all
    select 'rule', rule, title, null, null, concat_ws(' · ', rule, title, checks) from rules
"""


def load_texts(register: Register) -> None:
    """Fill `search_texts`: kind, id, name, agency, year, text, and the text in small letters, as it is looked through.

    To put them together takes ten times as long as to look through them, and each search would do it.
    """
    register.run(f"create table search_texts as select *, lower(text) as folded from ({_TEXTS})")
