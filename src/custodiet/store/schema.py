"""The tables of a register. `docs/register.md` describes them for people who write SQL."""

# Raised whenever a table changes, so that an older register is refused instead of misread.
SCHEMA_VERSION = "8"

CITATION = 'struct(release varchar, "row" integer, "column" varchar)'
ANSWER = f"struct(value varchar, state varchar, text varchar, citation {CITATION})"

# Every question that some year's form asks, with what it asks, in the order in which people read them.
QUESTIONS: dict[str, str] = {
    "stage": "Stage of development",
    "impact": "High-impact, or rights- or safety-impacting",
    "justification": "Why a presumed high-impact case was determined not to be",
    "withheld_flag": "Withheld from public reporting",
    "topic": "Topic area",
    "commercial_product": "A common commercial product (2024)",
    "classification": "Kind of AI",
    "purpose": "Problem or purpose",
    "benefits": "Expected benefits",
    "outputs": "What the system puts out",
    "date_initiated": "Date initiated (2024)",
    "operational_date": "Operational since",
    "date_retired": "Date retired (2024)",
    "contracting": "Bought, built in house, or both",
    "vendor": "Vendor",
    "contract_number": "Contract number (2024)",
    "has_ato": "Authorization to operate",
    "system_name": "Name of the authorised system",
    "data_description": "Data used to train and evaluate",
    "data_link": "Link to published data",
    "has_pii": "Personal data",
    "privacy_review": "Assessed by the privacy official (2024)",
    "privacy_notice": "Link to the privacy impact assessment",
    "demographics": "Demographic variables",
    "custom_code": "Custom code",
    "code_access": "Access to the code (2024)",
    "code_link": "Link to the code",
    "extension": "Extension requested (2024)",
    "testing": "Testing before deployment",
    "operational_testing": "Testing in operation (2024)",
    "assessment": "Impact assessment",
    "potential_impacts": "Potential impacts, or key risks",
    "independent_review": "Independent review",
    "monitoring": "Ongoing monitoring",
    "monitoring_plan": "Monitoring plan (2024)",
    "training": "Training of operators",
    "oversight": "Fail-safe and human oversight",
    "autonomous_decision": "Decides without a person (2024)",
    "notice_to_persons": "Notice to the people concerned (2024)",
    "adverse_influence": "Informs adverse decisions (2024)",
    "disparity_mitigation": "Disparities found and mitigated (2024)",
    "appeal": "Appeal",
    "appeal_process": "Fallback and escalation (2024)",
    "opt_out": "Opt-out (2024)",
    "feedback": "Feedback of users and the public",
}

_answers = ",\n  ".join(f"{field} {ANSWER}" for field in QUESTIONS)

USE_CASES = f"""
create table use_cases (
  use_case_id varchar not null,
  handle varchar not null,
  published_id varchar,
  inventory_year integer not null,
  agency varchar not null,
  agency_name varchar not null,
  bureau varchar,
  name varchar not null,
  normalised_name varchar not null,
  release varchar not null,
  "row" integer not null,
  name_citation {CITATION} not null,
  {_answers}
)
"""

TABLES: dict[str, str] = {
    "meta": "create table meta (key varchar not null, value varchar not null)",
    "sources": """
create table sources (source varchar not null, title varchar not null, publisher varchar not null,
  licence varchar not null, about varchar not null)
""",
    "releases": """
create table releases (
  release varchar not null, source varchar not null, role varchar not null, covers integer not null,
  file varchar not null, url varchar, commit_id varchar, sha256 varchar not null, bytes bigint,
  published date, collected date, status varchar not null, why varchar,
  records integer, columns integer, taken integer, left_out integer, unknown_columns integer, unknown_values integer,
  completeness varchar not null, completeness_reason varchar not null,
  assertions_held varchar[], stray_cells varchar[]
)
""",
    "release_columns": """
create table release_columns (
  release varchar not null, position integer not null, letter varchar not null, name varchar not null,
  header varchar not null, field varchar, kind varchar, asked_of varchar, left_out varchar, personal boolean not null
)
""",
    "release_parts": """
create table release_parts (
  release varchar not null, is_current boolean not null, agency varchar not null, fiscal_year integer not null,
  "rows" integer not null, repeats integer not null, negatives integer not null, obligations decimal(18, 2) not null,
  is_truncated boolean not null, reason varchar not null, covers varchar not null, superseded integer not null,
  superseded_by varchar
)
""",
    "transactions": """
create table transactions (
  release varchar not null, "row" integer not null, is_current boolean not null, agency varchar not null,
  fiscal_year integer not null, piid varchar not null, parent_piid varchar, award_key varchar, modification varchar,
  action_date date not null, obligation decimal(18, 2) not null, recipient varchar not null, recipient_kind varchar not null,
  product_service varchar, industry varchar, description varchar, repeats boolean not null, transaction_key varchar,
  uei varchar, duns varchar, cage varchar, parent_uei varchar, parent_name varchar, psc varchar, naics varchar,
  competition varchar, limited_sources varchar, not_competed_because varchar
)
""",
    "awards": f"""
create table awards (
  award varchar not null, agency varchar not null, piid varchar not null, parent_piid varchar, recipients varchar[] not null,
  actions integer not null, obligations decimal(18, 2) not null, first_action date not null, last_action date not null,
  description varchar, product_service varchar, industry varchar, citation {CITATION} not null
)
""",
    "categories": """
create table categories (category varchar not null, name varchar not null, about varchar not null)
""",
    "products": """
create table products (product varchar not null, category varchar not null, vendor varchar, system varchar)
""",
    "product_makers": """
create table product_makers (product varchar not null, organisation varchar not null)
""",
    "award_categories": f"""
create table award_categories (
  award varchar not null, category varchar not null, basis varchar not null, product varchar, system varchar,
  shown_by varchar not null, citation {CITATION} not null
)
""",
    "entry_mentions": f"""
create table entry_mentions (
  use_case_id varchar not null, kind varchar not null, name varchar not null, field varchar not null,
  shown_by varchar not null, citation {CITATION}
)
""",
    "award_summaries": """
create table award_summaries (
  release varchar not null, "row" integer not null, award_key varchar not null, piid varchar not null, parent_piid varchar,
  agency varchar not null, uei varchar, recipient varchar not null, recipient_raw varchar, dba varchar, cage varchar,
  parent_uei varchar, parent_name varchar, obligated decimal(18, 2), outlayed decimal(18, 2), current_value decimal(18, 2),
  potential_value decimal(18, 2), first_action date, last_action date, psc varchar, naics varchar, description varchar,
  competition varchar, limited_sources varchar, not_competed_because varchar, offers integer, url varchar
)
""",
    "subawards": """
create table subawards (
  release varchar not null, "row" integer not null, award_key varchar not null, piid varchar not null, prime varchar,
  prime_uei varchar, report_id varchar, number varchar, amount decimal(18, 2) not null, action_date date, uei varchar,
  recipient varchar not null, dba varchar, parent_uei varchar, parent_name varchar, description varchar, url varchar,
  repeats boolean not null
)
""",
    "notices": """
create table notices (
  release varchar not null, "row" integer not null, number varchar, title varchar not null, published date not null,
  action varchar not null, url varchar not null, agencies varchar
)
""",
    "vendor_names": """
create table vendor_names (
  release varchar not null, "row" integer not null, uei varchar, name varchar not null, kind varchar not null,
  actions integer not null, parent_uei varchar
)
""",
    "organisations": """
create table organisations (organisation varchar not null, name varchar not null, page varchar, names integer not null)
""",
    "organisation_names": """
create table organisation_names (
  name varchar not null, organisation varchar not null, basis varchar not null, reason varchar not null, release varchar,
  "row" integer, url varchar
)
""",
    "organisation_ids": """
create table organisation_ids (
  organisation varchar not null, scheme varchar not null, id varchar not null, release varchar not null,
  "row" integer not null
)
""",
    "organisation_relations": """
create table organisation_relations (
  organisation varchar not null, relation varchar not null, other varchar not null, since date, until date,
  basis varchar not null, reason varchar not null, release varchar, "row" integer, url varchar
)
""",
    "solicitations": """
create table solicitations (
  release varchar not null, "row" integer not null, notice varchar not null, number varchar, type varchar not null,
  posted date not null, title varchar not null, agency varchar not null, naics varchar, psc varchar, award_number varchar,
  awardee varchar, url varchar, repeats boolean not null
)
""",
    "bench_claims": """
create table bench_claims (
  release varchar not null, "row" integer not null, gate varchar not null, system varchar, claim varchar not null,
  says varchar not null, measure varchar not null, "group" varchar not null, outcome varchar not null,
  reason varchar not null, value double, bound double, claimed double not null, direction varchar not null,
  confidence double not null,
  n bigint, subjects bigint, more_subjects bigint
)
""",
    "audited_logs": f"""
create table audited_logs (
  release varchar not null, producer varchar, jurisdiction varchar, category varchar not null, agency varchar, bureau varchar,
  files integer not null, searches bigint not null, first_day date, last_day date, citation {CITATION} not null
)
""",
    "unknown_values": """
create table unknown_values (release varchar not null, "column" varchar not null, text varchar not null,
  count integer not null)
""",
    "answers": """
create table answers (
  release varchar not null, "row" integer not null, field varchar not null, value varchar, state varchar not null,
  text varchar, "column" varchar
)
""",
    "records": """
create table records (
  release varchar not null, "row" integer not null, use_case_id varchar not null, is_primary boolean not null
)
""",
    "use_cases": USE_CASES,
    "common_uses": """
create table common_uses (release varchar not null, "row" integer not null, agency varchar not null,
  agency_name varchar not null, name varchar not null, in_use varchar, product varchar, licences varchar)
""",
    "agency_names": "create table agency_names (folded varchar not null, agency varchar not null)",
    "bureau_names": """
create table bureau_names (folded varchar not null, agency varchar not null, bureau varchar not null)
""",
    "matches": """
create table matches (
  earlier varchar not null, later varchar not null, basis varchar not null, by_whom varchar, reason varchar not null
)
""",
    "proposals": """
create table proposals (
  proposal varchar not null, earlier varchar not null, later varchar not null, score double not null,
  name_similarity double not null, text_similarity double not null, same_bureau boolean not null,
  verdict varchar, by_whom varchar, reason varchar
)
""",
    "pages": """
create table pages (kind varchar not null, slug varchar not null, name varchar not null, aliases varchar[] not null,
  fields json not null)
""",
    "page_links": """
create table page_links (slug varchar not null, relation varchar not null, target varchar not null)
""",
    "claims": """
create table claims (
  claim varchar not null, kind varchar not null, slug varchar not null, "row" integer not null, about varchar not null,
  says varchar not null,
  grade varchar not null, grade_reason varchar not null, public_by varchar, public_since varchar,
  premises varchar[] not null, would_settle varchar
)
""",
    "claim_sources": f"""
create table claim_sources (
  claim varchar not null, position integer not null, title varchar not null, publisher varchar not null,
  kind varchar not null, date varchar, url varchar, stance varchar not null, repeats varchar, place varchar,
  note varchar, citation {CITATION}, cell varchar
)
""",
    "rules": """
create table rules (
  rule varchar not null, page varchar not null, title varchar not null, duty varchar not null,
  duty_title varchar not null, subjects varchar not null, needs varchar[] not null, grade varchar not null, due date,
  jurisdiction varchar, in_force_from date, unverified boolean not null,
  checks varchar not null, does_not_show varchar not null, ask_for varchar not null, text varchar not null
)
""",
    "findings": f"""
create table findings (
  finding varchar not null, rule varchar not null, subject_kind varchar not null, subject varchar not null,
  subject_id varchar not null, subject_name varchar not null, agency varchar, bureau varchar,
  outcome varchar not null, reason varchar not null, grade varchar not null,
  citations {CITATION}[] not null, numbers json not null, released date
)
""",
}

# Columns by which one record of a large table is looked up. DuckDB uses an index where a scan has this one condition and no
# other, with values that stand in the statement (`finding in $keys`, not a subquery): hence the materialized parts of
# statements. With others it reads the whole table, which is right, and slower the larger the register.
INDEXES = (
    ("transactions", "piid"),
    ("transactions", "recipient"),
    ("awards", "award"),
    ("awards", "piid"),
    ("answers", '"row"'),
    ("use_cases", "use_case_id"),
    ("findings", "finding"),
    ("findings", "subject"),
)
