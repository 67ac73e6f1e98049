"""Which state is of which type. Open, closed or gone decides every statistic, but exports carry only the
state's name, in the exporting user's language and as renamed by the site; the built-in names cover stock
systems and common renamings, and a site adds its own."""

import re
import unicodedata
from collections.abc import Mapping

TYPES = ("new", "open", "pending", "closed", "merged", "removed", "unknown")

# English and frequent renamings, then German, Chinese, Spanish, French, Portuguese, Russian.
# To add a name: one word here.
_NAMES = {
    "new": """
        new, created, registered, logged, submitted, unassigned, neu, 新建, 新, 新的, 新工单, 新單
        新建工单, 新增, nuevo, nueva, nouveau, nouvelle, nouveaux, novo, nova, новая, новый, новое, новые
        новая заявка""",
    "open": """
        open, opened, in progress, in process, in bearbeitung, processing, assigned, accepted, active
        working, work in progress, wip, reopened, re-opened, reopen, escalated, in work, ongoing, started
        acknowledged, under investigation, investigating, answered, customer responded, customer reply
        offen, geöffnet, wieder geöffnet, wiedereröffnet, zugewiesen, in arbeit, 处理中, 打开, 开放
        已打开, 进行中, 开启, 已开启, 已分配, 已受理, 受理中, 重新打开, 已重新打开, 開啟, 處理中, 進行中
        打開, 已打開, abierto, abierta, en curso, en progreso, en proceso, asignado, reabierto, ouvert
        ouverte, ouverts, en cours, en traitement, assigné, réouvert, rouvert, aberto, aberta
        em andamento, em progresso, em atendimento, atribuído, reaberto, открыта, открыт, открытая
        открытый, открыто, в работе, в процессе, в обработке, назначена, переоткрыта, ouvrir, открытый""",
    "pending": """
        pending, pending reminder, pending auto, pending auto close+, pending auto close-
        pending auto close, pending close, pending closed, resolved pending, pending resolved
        pending customer, pending vendor, pending user, pending approval, pending change
        pending third party, pending release, on hold, hold, onhold, waiting, waiting for customer
        waiting for reply, waiting for response, waiting for vendor, wait, suspended, awaiting customer
        awaiting response, awaiting reply, awaiting approval, awaiting user info, deferred, warten
        wartend, warten zur erinnerung, warten auf erfolgreich schließen, warten auf erfolglos schließen
        warten auf kunden, warten auf kunde, warten auf rückmeldung, zurückgestellt, ausgesetzt
        angehalten, warten auf automatisches schließen+, warten auf automatisches schließen-
        wiedervorlage, 挂起, 挂起提醒, 挂起等待成功关闭, 挂起等待失败关闭, 挂起自动关闭+, 挂起自动关闭-
        等待提醒, 等待自动关闭+, 等待自动关闭-, 挂起中, 已挂起, 等待, 等待中, 待处理, 暂停, 等待客户
        等待客户回复, 待客户回复, 待确认, 等待用户, 等待确认, 挂起等待自动关闭, 即将自动关闭+
        即将自动关闭-, 自动关闭+, 自动关闭-, 掛起, 掛起提醒, 等待提示, 等待自動關閉+, 等待自動關閉-, 暫停
        等待回應, 即將自動關閉+, 即將自動關閉-, pendiente, pendiente de recordatorio
        recordatorio pendiente, pendiente autocierre+, pendiente autocierre-, pendiente auto cerrado+
        pendiente auto cerrado-, pendiente de auto-cierre+, pendiente de auto-cierre-
        pendiente auto close+, pendiente auto close-, pendiente auto, en espera
        pendiente de cierre automático+, pendiente de cierre automático-, pendiente de autocierre+
        pendiente de autocierre-, esperando, attente de rappel, rappel en attente, en attente de rappel
        en attente, attente fermeture automatique+, en attente de la fermeture automatique (+)
        en attente de la fermeture automatique (-), en attente de fermeture automatique (+)
        en attente de fermeture automatique (-), mise en attente automatique
        attente de fermeture automatique (+), attente de fermeture automatique (-)
        attente fermeture automatique-, attente clôture automatique +, attente clôture automatique -
        attente clôture automatique+, en pause, attente clôture automatique-
        en attente de clôture automatique+, en attente de clôture automatique-, en attente auto close+
        en attente auto close-, attente, lembrete de pendente, lembrete pendente, pendente
        pendente com lembrete, pendente com fecho automático, pendente com fecho automático+
        pendente com fecho automático-, pendente com fecho automático positivo
        pendente com fecho automático negativo, fechamento automático pendente+
        fechamento automático pendente-, pendente auto fechamento+, pendente auto fechamento-
        pendente de fechamento automático+, em espera, pendente de fechamento automático-, aguardando
        aguardando cliente, aguardando resposta, pausado, autofechamento pendente+
        autofechamento pendente-, pendente para lembrete, lembrete de pendência, ожидает напоминания
        ожидание напоминания, отложенное напоминание, ожидает автозакрытия+, ожидает, ожидание
        ожидает автозакрытия-, ожидает автоматического закрытия+, ожидает автоматического закрытия-
        отложена, ожидание автозакрытия+, ожидание автозакрытия-, очередь на автозакрытие+
        очередь на автозакрытие-, отложено, на паузе, ожидает ответа, ожидает ответа клиента, в ожидании
        приостановлена, в ожидании напоминания, ожидает авто закрытия+, ожидает авто закрытия-
        ожидает успешного закрытия, ожидает неуспешного закрытия, warten auto, en attente auto
        attente du rappel, pendente automático, 自动挂起, 等待自动成功关闭, 等待自动失败关闭, 等待提醒
        自動等待, 等待自動關閉""",
    "closed": """
        closed, close, closed successful, closed unsuccessful, closed successfully, closed unsuccessfully
        resolved, closed with workaround, solved, done, completed, complete, finished, fixed, fulfilled
        rejected, declined, closed with no workaround, closed no response, closed - no response
        closed automatically, auto closed, auto-closed, resolved successful, resolved unsuccessful, ended
        geschlossen, erfolgreich geschlossen, erfolglos geschlossen, mit workaround geschlossen, gelöst
        erledigt, abgeschlossen, beendet, behoben, abgelehnt, erfolgreich abgeschlossen
        erfolglos abgeschlossen, 已关闭, 关闭, 成功关闭, 失败关闭, 未成功关闭, 已成功关闭, 已解决, 解决
        已完成, 完成, 已结束, 结束, 已办结, 办结, 关闭成功, 关闭失败, 已拒绝, 通过权宜措施关闭, 已失败关闭
        不成功关闭, 已关闭-成功, 已关闭-失败, 已關閉, 關閉, 成功關閉, 失敗關閉, 未成功關閉, 已解決, 已結束
        cerrado, cerrada, cerrados, cerrado con éxito, cerrado sin éxito, cerrado exitosamente, resuelto
        resuelta, cerrado sin exito, cerrado con solución provisional, cerrado exitoso, cerrado no exitoso
        solucionado, finalizado, terminado, completado, rechazado, cerrado con workaround, fermé, fermée
        fermés, clos, close, clos (résolu), clos (non résolu), clos avec succès, clos sans succès, clôturé
        clôturée, résolu, résolue, terminé, terminée, clôturé avec succès, clôturé sans succès, rejeté
        fermé avec succès, fermé sans succès, fermée avec succès, fermée sans succès
        clos avec contournement, cloture réussie, clôture réussie, clôture échouée, clôture manquée
        achevé, fechado, fechada, fechados, fechado com êxito, fechado sem êxito, fechado com sucesso
        fechado sem sucesso, resolvido, resolvida, concluído, concluída, encerrado, encerrada, finalizado
        fechado com solução de contorno, solucionado, rejeitado, encerrado com êxito, encerrado sem êxito
        encerrado com sucesso, encerrado sem sucesso, закрыта, закрыт, закрыто, закрыта успешно
        закрыта неуспешно, закрыт успешно, закрыт неуспешно, решена, решено, успешно закрыта
        неуспешно закрыта, успешно закрыт, неуспешно закрыт, закрыто успешно, закрыто неуспешно, решен
        решён, выполнена, выполнено, завершена, завершено, закрытая, закрытый, отклонена
        закрыта с обходным решением, fermée (résolue), fermée (non résolue), fermé (résolu)
        fermé (non résolu), clôture manquée, 關閉失敗, 關閉成功""",
    "merged": """
        merged, merge, zusammengefasst, zusammengeführt, verschmolzen, 已合并, 合并, 被合并, 已合併, 合併
        fusionado, fusionada, mezclado, combinado, unido, fusionné, fusionnée, fusionnés, agrupado
        mesclado, agregado, unificado, juntado, fundido, объединена, объединен, объединён, объединено
        объединенные, объединённая, zusammengefügt, объединенный, agrupada, mesclada, 已合並, 合並""",
    "removed": """
        removed, deleted, cancelled, canceled, withdrawn, discarded, void, aborted, dropped, trashed
        entfernt, gelöscht, abgebrochen, storniert, verworfen, zurückgezogen, 已删除, 删除, 已移除, 移除
        已取消, 取消, 已作废, 作废, 已撤销, 已撤回, 已刪除, 刪除, 取消了, 已撤銷, eliminado, eliminada
        borrado, removido, removida, cancelado, cancelada, anulado, supprimé, supprimée, retiré, annulé
        annulée, effacé, excluído, excluída, apagado, удалена, удален, удалён, удалено, отменена, отменен
        отменён, отменено, удаленный, удалённый""",
}

# "closed successful-成功关闭", as Chinese systems show it: the stock name before the translated one.
_BILINGUAL = re.compile(r"\s*([A-Za-z][A-Za-z +\-]*?)\s*[-–/(]\s*([^\x00-\x7f].*)")


def _key(name: str) -> str:
    """Letters and digits only: whether it is closed+ or closed- does not matter for the type."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in text if c.isalnum())


STATE_TYPES: dict[str, str] = {
    _key(name): kind
    for kind, lines in _NAMES.items()
    for name in lines.replace("\n", ",").split(",")
    if name.strip()
}


def state_type(name: str | None, extra: Mapping[str, str] | None = None) -> str:
    """One of `TYPES`; the site's own names (`extra`, any case) come before the built-in ones; blank is
    unknown."""
    key = _key(name or "")
    own = {_key(known): kind for known, kind in (extra or {}).items()}
    if key in own:
        return own[key]
    if key in STATE_TYPES:
        return STATE_TYPES[key]
    both = _BILINGUAL.fullmatch(name or "")
    if both:
        return STATE_TYPES.get(_key(both[1]), STATE_TYPES.get(_key(both[2]), "unknown"))
    return "unknown"
