"""Facts about the communes that the geometry's source lacks: names, population, official area, seat.

Source: the commune table of vietnamese-provinces-database v4.2.0 (MIT), which follows sapnhap.bando.com.vn
(state of 2025-07-01; six misprinted populations corrected from its 2026 state). The seat is the pre-merger
unit that the merger documents name as the place of the new commune's People's Committee; it is empty where
the text names none.
"""

from __future__ import annotations

from typing import NamedTuple

from geocover.errors import AreasError


class CommuneFacts(NamedTuple):
    """What is published about one commune; ``seat`` is the name of a pre-merger unit, or empty."""

    code: str
    name: str
    population: int
    area_km2: float
    seat: str


def commune_facts(province_code: str) -> dict[str, CommuneFacts]:
    """Facts by commune code, in ascending order of the codes.

    Raises
    ------
    AreasError
        If no table of facts is kept for the province.
    """
    if province_code not in _TABLES:
        known = ", ".join(sorted(_TABLES))
        raise AreasError(
            f"no table of facts for province {province_code!r}; schematic boundaries exist for: {known}",
            f"chưa có bảng số liệu của tỉnh mã {province_code!r}; ranh giới sơ đồ chỉ có cho: {known}",
        )
    rows = [line.split("|") for line in _TABLES[province_code].strip().splitlines()]
    return {
        code: CommuneFacts(code, name, int(people), float(area), seat)
        for code, name, people, area, seat in rows
    }


# code|name|population 2025|official area in km²|pre-merger unit where the seat is
_PHU_THO = """
04792|Tân Hoà|14316|56.98|
04795|Hoà Bình|78605|39.32|
04828|Thống Nhất|22897|55.21|Phường Thống Nhất
04831|Đà Bắc|19834|136.80|Thị trấn Đà Bắc
04846|Đức Nhàn|7389|107.60|Xã Nánh Nghê
04849|Tân Pheo|10528|139.38|Xã Giáp Đắt
04873|Quy Đức|9462|146.97|Xã Đoàn Kết
04876|Cao Sơn|8872|124.93|Xã Tân Minh
04891|Tiền Phong|5246|116.31|Xã Tiền Phong
04894|Kỳ Sơn|20319|115.70|Xã Mông Hóa
04897|Thịnh Minh|19198|89.21|Xã Thịnh Minh
04924|Lương Sơn|45383|131.24|Thị trấn Lương Sơn
04960|Liên Sơn|31834|120.21|Xã Cư Yên
04978|Kim Bôi|35915|64.57|Thị trấn Bo
04990|Nật Sơn|28940|154.65|Xã Bình Sơn
05014|Mường Động|26092|144.69|Xã Đông Bắc
05047|Cao Dương|36783|113.38|
05068|Hợp Kim|21033|86.29|Xã Nam Thượng
05086|Dũng Tiến|20000|101.10|Xã Nuông Dăm
05089|Cao Phong|20372|77.76|Thị trấn Cao Phong
05092|Thung Nai|10600|86.34|Xã Bắc Phong
05116|Mường Thàng|19883|91.58|Xã Dũng Phong
05128|Tân Lạc|42031|139.90|Thị trấn Mãn Đức
05134|Mường Hoa|8563|104.54|Xã Suối Hoa
05152|Vân Sơn|9197|120.53|Xã Vân Sơn
05158|Mường Bi|20931|94.79|Xã Mỹ Hòa
05191|Toàn Thắng|15427|71.11|Xã Nhân Mỹ
05200|Mai Châu|19143|147.74|Thị trấn Mai Châu
05206|Tân Mai|7924|130.71|
05212|Pà Cò|11334|115.76|Xã Cun Pheo
05245|Bao La|12409|104.27|Xã Bao La
05251|Mai Hạ|10317|71.86|Xã Vạn Mai
05266|Lạc Sơn|27500|58.10|Thị trấn Vụ Bản
05287|Mường Vang|20853|69.79|Xã Tân Lập
05290|Nhân Nghĩa|19456|81.37|Xã Nhân Nghĩa
05293|Thượng Cốc|18430|58.38|Xã Văn Sơn
05305|Yên Phú|19850|63.70|Xã Yên Phú
05323|Quyết Thắng|22746|59.66|Xã Quyết Thắng
05329|Ngọc Sơn|8981|114.63|Xã Ngọc Sơn
05347|Đại Đồng|24353|81.37|Xã Ân Nghĩa
05353|Yên Thuỷ|24012|76.19|Thị trấn Hàng Trạm
05362|Lạc Lương|25289|130.41|Xã Bảo Hiệu
05386|Yên Trị|27005|81.97|Xã Yên Trị
05392|Lạc Thuỷ|24529|90.69|Thị trấn Chi Nê
05395|An Nghĩa|27556|95.73|Thị trấn Ba Hàng Đồi
05425|An Bình|18952|127.41|Xã Thống Nhất
07894|Nông Trang|57770|15.89|Phường Nông Trang
07900|Việt Trì|73006|25.83|
07909|Thanh Miếu|58548|19.57|Phường Thanh Miếu
07918|Vân Phú|37450|26.26|Phường Vân Phú
07942|Phú Thọ|27957|23.07|Phường Hùng Vương
07948|Âu Cơ|18951|12.51|Phường Âu Cơ
07954|Phong Châu|32519|29.61|Phường Phong Châu
07969|Đoan Hùng|30509|44.80|Thị trấn Đoan Hùng
07996|Bằng Luân|16932|59.77|Xã Bằng Doãn
07999|Chí Đám|28005|49.36|Xã Chí Đám
08023|Tây Cốc|21227|59.07|Xã Tây Cốc
08038|Chân Mộng|38565|89.85|
08053|Hạ Hoà|21779|41.23|Thị trấn Hạ Hòa
08071|Đan Thượng|28838|84.15|Xã Tứ Hiệp
08110|Hiền Lương|22337|81.39|Xã Xuân Áng
08113|Yên Kỳ|20973|53.58|Xã Yên Kỳ
08134|Văn Lang|17949|54.06|Xã Văn Lang
08143|Vĩnh Chân|17173|27.12|Xã Yên Luật
08152|Thanh Ba|30014|38.60|Thị trấn Thanh Ba
08173|Quảng Yên|15056|39.58|Xã Quảng Yên
08203|Hoàng Cương|27890|39.51|Xã Hoàng Cương
08209|Đông Thành|20383|32.25|Xã Khải Xuân
08218|Chí Tiên|17550|23.75|Xã Thanh Hà
08227|Liên Minh|23443|20.98|Xã Đỗ Xuyên
08230|Phù Ninh|45037|39.28|Thị trấn Phong Châu
08236|Phú Mỹ|15460|27.36|Xã Liên Hoa
08245|Trạm Thản|16138|32.60|Xã Tiên Phú
08254|Dân Chủ|18568|29.85|Xã Trị Quận
08275|Bình Phú|29649|28.28|Xã Bình Phú
08290|Yên Lập|29678|69.05|Thị trấn Yên Lập
08296|Sơn Lương|23365|96.92|Xã Lương Sơn
08305|Xuân Viên|14428|46.19|Xã Xuân Viên
08311|Trung Sơn|6028|97.29|Xã Trung Sơn
08323|Thượng Long|16108|60.36|Xã Phúc Khánh
08338|Minh Hoà|16425|68.44|Xã Minh Hòa
08341|Cẩm Khê|47059|50.44|Thị trấn Cẩm Khê
08344|Tiên Lương|38028|54.55|Xã Minh Thắng
08377|Vân Bán|15904|22.72|
08398|Phú Khê|25630|37.11|Xã Phú Khê
08416|Hùng Việt|22935|32.77|Xã Hùng Việt
08431|Đồng Lương|15904|36.33|Xã Điêu Lương
08434|Tam Nông|26412|28.25|Thị trấn Hưng Hóa
08443|Hiền Quan|27476|31.38|Xã Bắc Sơn
08467|Vạn Xuân|31353|52.43|Xã Vạn Xuân
08479|Thọ Văn|15281|43.54|Xã Thọ Văn
08494|Lâm Thao|31321|15.45|Thị trấn Lâm Thao
08500|Xuân Lũng|20604|24.03|Xã Xuân Lũng
08515|Hy Cương|22693|23.95|Xã Thanh Đình
08521|Phùng Nguyên|41046|30.57|Xã Phùng Nguyên
08527|Bản Nguyên|33667|28.29|Xã Cao Xá
08542|Thanh Sơn|38776|84.55|Thị trấn Thanh Sơn
08545|Thu Cúc|11313|100.51|Xã Thu Cúc
08560|Lai Đồng|16321|108.45|Xã Lai Đồng
08566|Tân Sơn|18246|118.21|Thị trấn Tân Phú
08584|Võ Miếu|28853|96.36|Xã Võ Miếu
08590|Xuân Đài|15073|209.60|Xã Kim Thượng
08593|Minh Đài|24209|84.74|Xã Văn Luông
08611|Văn Miếu|18752|89.11|Xã Văn Miếu
08614|Cự Đồng|14988|45.77|Xã Cự Đồng
08620|Long Cốc|8708|67.09|Xã Tam Thanh
08632|Hương Cần|17900|81.30|Xã Hương Cần
08635|Khả Cửu|13149|148.48|Xã Khả Cửu
08656|Yên Sơn|16064|75.52|Xã Tinh Nhuệ
08662|Đào Xá|32156|45.53|Xã Đào Xá
08674|Thanh Thuỷ|27678|31.08|Thị trấn Thanh Thủy
08686|Tu Vũ|41564|49.07|Xã Đồng Trung
08707|Vĩnh Yên|56428|25.00|
08716|Vĩnh Phúc|78371|25.30|Phường Liên Bảo
08740|Phúc Yên|63954|23.40|
08746|Xuân Hoà|55237|96.00|Xã Ngọc Thanh
08761|Lập Thạch|34604|39.10|Thị trấn Lập Thạch
08770|Hợp Lý|19611|34.10|Xã Quang Sơn
08773|Yên Lãng|18459|38.20|Xã Lãng Công
08782|Hải Lựu|30098|38.80|Xã Hải Lựu
08788|Thái Hoà|23943|29.00|Xã Liễn Sơn
08812|Liên Hoà|19257|18.80|Xã Liên Hòa
08824|Tam Sơn|25523|33.10|Thị trấn Tam Sơn
08842|Tiên Lữ|32710|31.80|Xã Tiên Lữ
08848|Sông Lô|34291|33.40|Xã Đồng Thịnh
08866|Sơn Đông|36076|26.70|Xã Cao Phong
08869|Tam Dương|47936|44.30|Thị trấn Hợp Hòa
08872|Tam Dương Bắc|37284|45.80|Xã Hoàng Hoa
08896|Hoàng An|26000|20.80|Xã Hoàng Đan
08905|Hội Thịnh|37115|25.10|Xã Duy Phiên
08911|Tam Đảo|34772|79.20|Thị trấn Tam Đảo
08914|Đạo Trù|24759|83.80|Xã Đạo Trù
08923|Đại Đình|20551|44.00|Thị trấn Đại Đình
08935|Bình Nguyên|46425|30.60|Thị trấn Hương Canh
08944|Bình Tuyền|29926|58.50|Thị trấn Bá Hiến
08950|Bình Xuyên|32534|29.50|Xã Hương Sơn
08971|Xuân Lãng|48186|29.90|Thị trấn Đạo Đức
09025|Yên Lạc|39730|21.70|Thị trấn Yên Lạc
09040|Tề Lỗ|37232|18.30|Xã Đồng Văn
09043|Tam Hồng|40224|22.60|Thị trấn Tam Hồng
09052|Nguyệt Đức|34166|19.00|Xã Nguyệt Đức
09064|Liên Châu|35029|26.00|Xã Đại Tự
09076|Vĩnh Tường|47315|26.20|Thị trấn Vĩnh Tường
09079|Vĩnh An|32883|21.40|Xã Kim Xá
09100|Vĩnh Hưng|38821|18.70|Xã Đại Đồng
09106|Vĩnh Thành|35020|22.00|Xã Lũng Hòa
09112|Thổ Tang|43208|21.30|Thị trấn Thổ Tang
09154|Vĩnh Phú|49755|34.60|Xã Vĩnh Thịnh
"""

_TABLES = {"25": _PHU_THO}
