"""Downloads over HTTP: patience, proxies, and errors that say what to do."""

from __future__ import annotations

import hashlib
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import urllib3

from geocover.errors import DownloadError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_ATTEMPTS = 3


@dataclass(frozen=True)
class Connection:
    """Where from and how patiently to download.

    Attributes
    ----------
    base_url
        The root of the source, or that of a mirror with the same layout.
    timeout_s
        Limit for connecting and for each wait for data.
    retries
        Further attempts at a file after a timeout, a broken transfer, or a status of 429, 500, 502, 503 or
        504. (Content that is complete but wrong is asked for three times.)
    backoff_s
        Pause before the second retry; doubled with each further one.
    """

    base_url: str
    timeout_s: float = 30.0
    retries: int = 4
    backoff_s: float = 0.5

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise DownloadError(
                f"base URL {self.base_url!r} is not an http or https address",
                vi=f"địa chỉ gốc “{self.base_url}” không phải địa chỉ http hoặc https",
            )

    def url(self, path: str) -> str:
        """Address of a file below the root."""
        return f"{self.base_url.rstrip('/')}/{path}"

    def pool(self) -> urllib3.PoolManager:
        """Give connections that retry, through the proxy of the environment where it names one."""
        retry = urllib3.Retry(
            total=self.retries,
            backoff_factor=self.backoff_s,
            status_forcelist=(429, 500, 502, 503, 504),
            raise_on_status=False,
        )
        timeout = urllib3.Timeout(connect=self.timeout_s, read=self.timeout_s)
        parts = urllib.parse.urlsplit(self.base_url)
        proxy = urllib.request.getproxies().get(parts.scheme)
        if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
            return urllib3.ProxyManager(
                proxy, retries=retry, timeout=timeout, proxy_headers=_proxy_login(proxy)
            )
        return urllib3.PoolManager(retries=retry, timeout=timeout)


def _proxy_login(proxy: str) -> dict[str, str]:
    """Give the header for the name and password in a proxy's address, which urllib3 leaves out."""
    parts = urllib.parse.urlsplit(proxy)
    if parts.username is None:
        return {}
    login = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
    return dict(urllib3.make_headers(proxy_basic_auth=login))


def cache_folder(kind: str, base_url: str) -> Path:
    """Folder in the user's cache for the files of one kind from one base URL."""
    digest = hashlib.sha256(base_url.rstrip("/").encode()).hexdigest()[:12]
    return Path(platformdirs.user_cache_dir("geocover")) / kind / digest


def request(
    pool: urllib3.PoolManager, url: str, headers: Mapping[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    """Ask for a file, or part of it by a Range header; whatever the status, the whole answer is read.

    Raises
    ------
    DownloadError
        If the server cannot be reached, or breaks off every time.
    """
    try:
        return pool.request("GET", url, headers=dict(headers or {}))
    except urllib3.exceptions.HTTPError as error:
        raise DownloadError(
            f"{url}: cannot be reached ({error}); try again, what was fetched before is kept",
            vi=f"{url}: không tải được ({error}); hãy thử lại, các tệp đã tải được giữ lại",
        ) from error


def refused(url: str, response: urllib3.BaseHTTPResponse) -> DownloadError:
    """Error for an answer whose status is none of those wanted."""
    return DownloadError(
        f"{url}: the server answers {response.status} {response.reason or ''}; check the base URL, "
        "or try again later, what was fetched before is kept",
        vi=f"{url}: máy chủ trả lời {response.status}; hãy kiểm tra địa chỉ gốc hoặc thử lại sau, "
        "các tệp đã tải được giữ lại",
    )


def wrong_content(url: str, fault: str) -> DownloadError:
    """Error for content that is complete, but again and again not what it must be."""
    return DownloadError(
        f"{url}: {fault}; check the base URL or try again, what was fetched before is kept",
        vi=f"{url}: nội dung không đúng ({fault}); hãy kiểm tra địa chỉ gốc hoặc thử lại, "
        "các tệp đã tải được giữ lại",
    )
