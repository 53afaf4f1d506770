"""Site lists as partners have them: read, understood, checked, and given back with what was found.

    file -> Book -> Table -> Columns -> rows -> CheckedList -> Network

`reading` brings files in, `columns` finds out what columns mean, `values` reads what cells say, `places`
where sites are, `workbook` writes the partner's file back; `checking` is the way through them all.

Each step adds findings and takes no row away: accepted and rejected rows together are the rows read.
"""
