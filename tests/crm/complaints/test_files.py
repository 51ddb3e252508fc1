"""Files that people attach: which are taken, how they lie on the disk, and how they are handed out."""

import errno
import os
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm.complaints import files
from crm.models import Attachment
from shop.models import Setting
from tests import build

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "attachments"


def upload(name="photo.png", content=PICTURE):
    return SimpleUploadedFile(name, content, content_type="text/html")


def attach(client, complaint, *uploads):
    return client.post(reverse("crm:complaint_files", args=[complaint.pk]), {"files": uploads})


def kept(media):
    return list(media.iterdir()) if media.exists() else []


def test_a_file_lies_under_a_name_of_ours_and_is_handed_out_only_to_be_saved(as_sam, sam, ana, media):
    complaint = build.complaint(ana)

    assert attach(as_sam, complaint, upload("../../Rechnung <b>.png")).status_code == 302

    file = Attachment.objects.get()
    assert (file.name, file.type, file.by, file.customer) == ("Rechnung <b>.png", "image/png", sam, ana)
    assert [one.name for one in kept(media)] == [file.path.rpartition("/")[2]]
    page = as_sam.get(complaint.get_absolute_url()).content.decode()
    assert "Rechnung &lt;b&gt;.png" in page
    answer = as_sam.get(reverse("crm:attachment", args=[file.pk]))
    assert b"".join(answer.streaming_content) == PICTURE
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("a.txt", "Łódź, śnieg".encode(), "text/plain"),
        ("a.docx", b"PK\x03\x04....", files.OFFICE[".docx"]),
        ("letter", b"%PDF-1.7 ...", "application/pdf"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic....", "image/heic"),
    ],
)
def test_kinds_that_are_taken_are_known_by_what_is_in_them(name, content, kind):
    assert files.type_of(upload(name, content)) == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.html", b"<html>"),
        ("a.svg", b"<svg/>"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.zip", b"PK\x03\x04...."),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.jpg.js", b"alert(1)"),
    ],
)
def test_everything_else_is_refused_in_a_sentence_and_leaves_nothing(as_sam, ana, media, name, content):
    page = attach(as_sam, build.complaint(ana), upload(name, content))

    assert page.status_code == 422
    assert "Files of this kind are not taken." in page.content.decode()
    assert kept(media) == []


def test_an_empty_one_and_one_above_the_limit_are_refused(as_sam, ana, media):
    Setting.put("complaints.file_megabytes", 1)
    complaint = build.complaint(ana)

    assert "larger than 1 MB" in attach(as_sam, complaint, upload(content=PICTURE * 10_000)).content.decode()
    assert attach(as_sam, complaint, upload(content=b"")).status_code == 422
    assert attach(as_sam, complaint, *[upload()] * 11).status_code == 422
    assert kept(media) == []


def test_a_nearly_full_disk_takes_no_files(as_sam, ana, settings, media):
    settings.DISK_RESERVE = 10**18

    page = attach(as_sam, build.complaint(ana), upload())

    assert "The disk is nearly full" in page.content.decode()
    assert kept(media) == []


def test_a_disk_that_fills_up_while_writing_leaves_neither_file_nor_row(as_sam, ana, monkeypatch, media):
    def full(self, *args, **options):
        yield PICTURE
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(SimpleUploadedFile, "chunks", full)
    monkeypatch.setattr(TemporaryUploadedFile, "chunks", full)
    monkeypatch.setattr("django.core.files.uploadedfile.InMemoryUploadedFile.chunks", full)

    page = attach(as_sam, build.complaint(ana), upload())

    assert page.status_code == 422
    assert (kept(media), Attachment.objects.count()) == ([], 0)


def test_a_conversation_on_the_card_carries_files_too(as_sam, ana):
    as_sam.post(reverse("crm:notes", args=[ana.pk]), {"kind": "email", "body": "With a photograph.", "files": upload()})

    file = Attachment.objects.get()
    assert file.note.body == "With a photograph."
    assert reverse("crm:attachment", args=[file.pk]) in as_sam.get(ana.get_absolute_url()).content.decode()


def test_a_file_that_is_not_taken_saves_no_conversation_and_loses_no_words(as_sam, ana):
    told = {"kind": "email", "body": "With a program.", "files": upload("a.exe", b"MZ\x00")}

    page = as_sam.post(reverse("crm:notes", args=[ana.pk]), told)

    assert page.status_code == 422
    assert "With a program." in page.content.decode()
    assert not ana.notes.exists()


def test_a_removed_file_is_gone(as_sam, ana, media, django_capture_on_commit_callbacks):
    attach(as_sam, build.complaint(ana), upload())

    with django_capture_on_commit_callbacks(execute=True):
        as_sam.post(reverse("crm:attachment_removal", args=[Attachment.objects.get().pk]))

    assert (kept(media), Attachment.objects.count()) == ([], 0)


def test_files_whose_rows_are_gone_are_swept_but_not_those_just_being_written(as_sam, ana, media):
    complaint = build.complaint(ana)
    attach(as_sam, complaint, upload())
    stray, fresh = media / "stray", media / "fresh"
    for file in (stray, fresh):
        file.write_bytes(b"x")
    old = time.time() - 7200
    for file in kept(media):
        if file != fresh:
            os.utime(file, (old, old))

    assert Attachment.sweep() == 1

    assert not stray.exists()
    assert len(kept(media)) == 2


def test_a_file_belongs_to_something(ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.create(customer=ana, name="x", path="x", type="x", size=1)
