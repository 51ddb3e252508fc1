"""Files and conversations that belong to a complaint; a file is only ever handed out to be saved."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.complaints.fields import FilesField
from crm.complaints.files import NotTaken
from crm.complaints.forms import TalkForm
from crm.models import Attachment, Complaint, Customer, Note
from crm.views.complaints import complaint_page, find_complaint
from shop.access import right
from shop.toasts import toast
from shop.typed import key_in

# Whatever is in the file, the browser neither runs nor shows it as one of our pages.
SANDBOX = "default-src 'none'; sandbox"


@require_GET
@right("complaints.work")
def attachment(request: HttpRequest, pk: int) -> FileResponse:
    Customer.objects.allowed(request.user, "complaints.work")
    found = get_object_or_404(Attachment, pk=pk)
    try:
        file = found.file.open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=found.name, content_type=found.type)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@right("complaints.work")
def attachment_removal(request: HttpRequest, pk: int) -> HttpResponse:
    Customer.objects.allowed(request.user, "complaints.work")
    found = get_object_or_404(Attachment.objects.select_related("complaint", "customer"), pk=pk)
    found.remove()
    toast(request, _("“%(name)s” is gone.") % {"name": found.name})
    return redirect(found.complaint or found.customer)


@require_POST
@right("complaints.work")
def files(request: HttpRequest, pk: int) -> HttpResponse:
    complaint = find_complaint(request, pk)
    try:
        uploads = FilesField(required=False).clean(request.FILES.getlist("files"))
        with transaction.atomic():
            for upload in uploads:
                Attachment.keep(upload, customer=complaint.customer, by=request.user, complaint=complaint)
    except (ValidationError, NotTaken) as error:
        said = error.messages[0] if isinstance(error, ValidationError) else str(error)
        return complaint_page(request, complaint, status=422, file_error=said)
    if uploads:
        toast(request, ngettext("%d file is attached.", "%d files are attached.", len(uploads)) % len(uploads))
    return redirect(complaint)


@require_POST
@right("complaints.work")
def talks(request: HttpRequest, pk: int) -> HttpResponse:
    """Log a conversation about the complaint."""
    complaint = find_complaint(request, pk)
    form = TalkForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            _log(complaint, form, request)
        except NotTaken as error:
            form.add_error("files", str(error))
        else:
            toast(request, _("Logged."))
            return redirect(complaint)
    return complaint_page(request, complaint, status=422, talk=form)


@transaction.atomic
def _log(complaint: Complaint, form: TalkForm, request: HttpRequest) -> None:
    values = form.cleaned_data
    note = Note.log(complaint.customer, values["kind"], values["body"], by=request.user, complaint=complaint)
    for upload in values["files"]:
        Attachment.keep(upload, customer=complaint.customer, by=request.user, note=note)


@require_POST
@right("complaints.work")
def talk_belongs(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation logged earlier belongs to this complaint."""
    complaint, number = find_complaint(request, pk), key_in(request.POST.get("note", ""))
    if complaint.customer.notes.filter(pk=number, complaint=None).update(complaint=complaint):
        toast(request, _("The conversation belongs to this complaint now."))
    return redirect(complaint)
