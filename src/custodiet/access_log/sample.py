"""A made-up log of any size, in the form of a Network Audit of 14 columns; the same seed gives the same bytes.

Nothing in it is real: towns and users are numbers, plates and case numbers are drawn from a hash. One search in 2,000
  has a word of a
lexicon, one in 200 an outside agency of another kind, so that every measure has something to count.
"""

from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.store.database import literal
from custodiet.store.scratch import open_scratch

SEED = 20_260_330
TIME = "'%m/%d/%Y, %I:%M:%S %p UTC'"
# The hash of the seed and a row's number is MD5, which every version of DuckDB has and gives alike; it protects nothing.
SAMPLE = """
copy (
  with drawn as (
    select i, md5($seed || ':' || i) as h, md5_number_lower($seed || ':' || i) as a, md5_number_upper($seed || ':' || i) as b
    from range($rows) r(i)
  ),
  timed as (
    select *, timestamp '2025-06-01' + to_seconds((i * 31536000 // $rows)::bigint + (a % 60)::bigint) as t,
      [1, 3, 7, 7, 14, 30, 30, 30, 60, 90, 365][1 + (a // 7 % 11)::integer] as days,
      ['lookup', 'search', 'search', 'freeform', 'convoy', 'visual', 'lookup - Mobile', 'multiGeo'][1 + (b // 5 %
        8)::integer] as kind
    from drawn
  )
  select substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-' || substr(h, 13, 4) || '-' || substr(h, 17, 4) || '-' ||
    substr(h, 21, 12) as "ID",
    'U. S' || lpad((a // 64 % 90)::varchar, 2, '0') as "Name",
    case when a // 19 % 200 = 0 then ['US Border Patrol [Federal]', 'Sample Mall Security', 'Example Tribal PD'][1 + (b
      % 3)::integer]
      else 'Town ' || chr(65 + (a // 65536 % 26)::integer) || chr(97 + (a // 1703936 % 26)::integer) || ' '
        || ['WA', 'WA', 'WA', 'OR', 'TX', 'IL'][1 + (b % 6)::integer] || ' PD' end as "Org Name",
    case when a // 23 % 5 = 0 then 1 else 1 + b // 8 % 6000 end as "Total Networks Searched",
    1 + b // 65536 % 90000 as "Total Devices Searched",
    strftime(t - to_days(days), TIME) || chr(10) || strftime(t, TIME) as "Time Frame",
    case when a // 3 % 5 = 0 then '' else upper(substr(md5('plate' || (a // 4096 % 2000000)), 1, 7)) end as "License Plate",
    case when a // 29 % 2000 = 0 then ['immigration', 'ICE ERO', 'protest downtown', 'my car'][1 + (b // 11 % 4)::integer]
      else case a // 11 % 8 when 0 then 'investigation' when 1 then 'INV' when 2 then 'stolen vehicle ' || (b // 97 % 20000)
        when 3 then 'Burglary' when 4 then '' when 5 then '459PC' when 6 then '25-' || (b // 89 % 5000) else
          'warrant+service' end end as "Reason",
    case when a // 13 % 3 = 0 then '' else '25-' || lpad((b // 1024 % 900000)::varchar, 6, '0') end as "Case #",
    case when a // 17 % 4 = 0 then 'suv,make,black' else '' end as "Filters",
    strftime(t, TIME) as "Search Time", kind as "Search Type",
    case when kind = 'freeform' then 'red truck with ladder' else '' end as "Text Prompt",
    case when kind = 'freeform' then 'allow' else '' end as "Moderation"
  from timed
) to FILE (format csv, header, delimiter ',', quote '"', escape '"')
"""


def make_sample(rows: int, path: Path, seed: int = SEED) -> None:
    """Write a made-up log of so many rows.

    Raises:
        InputError: the number is not positive, or the file is there already or can't be written.

    """
    if rows < 1:
        raise InputError(f"{rows:,} rows is no log; give a number from 1 on with `--make-sample`.")
    if path.exists():
        raise InputError(f"{path}: is there already; give another name for the sample.")
    draft = path.with_name(f".{path.name}.building")
    sql = SAMPLE.replace("TIME", TIME).replace("FILE", literal(str(draft)))
    sql = sql.replace("$seed", literal(str(seed))).replace("$rows", str(rows))
    try:
        draft.unlink(missing_ok=True)
        with draft.open("wb"):
            pass
        with open_scratch() as database:
            database.run(sql)
        draft.replace(path)
    except OSError as error:
        raise InputError(f"{path}: can't be written ({error.strerror}); choose another place.") from None
    finally:
        draft.unlink(missing_ok=True)
